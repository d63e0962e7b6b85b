//! The bytes of the `Cookie` header.

use actix_http::Request;
use actix_secure_session_tests::{Auth, ada, app::Server};
use actix_web::{
    App, Error, HttpResponse,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    http::header::{COOKIE, HeaderValue},
    rt::System,
    test, web,
};
use secure_session::{Session, SessionOrigin};

const NAME: &str = "__Host-auth";

/// In an input, these bytes are placeholders for texts that no mutation finds.
const NAME_MARK: u8 = 1;
const LIVE_MARK: u8 = 2;
const EXPIRED_MARK: u8 = 3;
const LINE_MARK: u8 = 4;

type Call = Box<dyn Fn(Request) -> (u16, SessionOrigin)>;

/// An application and two of its cookies.
struct Peer {
    call: Call,
    live: String,
    expired: String,
}

thread_local! {
    // Never dropped: at the end of a thread, actix-web would access thread-locals that are already
    // gone.
    static PEER: &'static Peer = Box::leak(Box::new(Peer::new()));
}

/// The session opens if and only if a valid cookie with its name is among the first four. The
/// response is a 200 in any case.
pub(crate) fn run(data: &[u8]) {
    PEER.with(|peer| peer.check(data));
}

impl Peer {
    fn new() -> Self {
        let server = Server::default();
        let expired = server.cookie(&ada());
        server
            .clock
            .advance(std::time::Duration::from_secs(24 * 3600));
        let value = |cookie: &str| cookie.split_once('=').unwrap().1.to_owned();
        let live = value(&server.cookie(&ada()));
        let sessions = server.sessions;
        let system = System::new();
        let app = system.block_on(async {
            let handler = async |auth: Session<Auth>| {
                let body = auth.name().to_owned();
                HttpResponse::Ok()
                    .insert_header(("x-origin", format!("{:?}", auth.info().origin())))
                    .body(body)
            };
            test::init_service(App::new().wrap(sessions).route("/", web::get().to(handler))).await
        });
        Self {
            call: Box::new(move |request| system.block_on(answer(&app, request))),
            live,
            expired: value(&expired),
        }
    }

    fn check(&self, data: &[u8]) {
        let lines: Vec<Vec<u8>> = data
            .split(|byte| *byte == LINE_MARK)
            .map(|line| self.line(line))
            .collect();
        let mut request = test::TestRequest::get();
        for line in &lines {
            let Ok(value) = HeaderValue::from_bytes(line) else {
                return; // no server forwards it
            };
            request = request.append_header((COOKIE, value));
        }
        let (status, origin) = (self.call)(request.to_request());
        assert_eq!(status, 200);
        let candidates: Vec<&[u8]> = lines.iter().flat_map(|line| candidates(line)).collect();
        let tried = &candidates[..candidates.len().min(4)];
        let opens = tried.contains(&self.live.as_bytes());
        assert_eq!(origin == SessionOrigin::Restored, opens, "{lines:?}");
        match tried {
            [] => assert_eq!(origin, SessionOrigin::New),
            [one] if *one == self.expired.as_bytes() => assert_eq!(origin, SessionOrigin::Expired),
            _ => {}
        }
    }

    fn line(&self, data: &[u8]) -> Vec<u8> {
        let mut line = Vec::new();
        for byte in data {
            match *byte {
                NAME_MARK => line.extend(NAME.as_bytes()),
                LIVE_MARK => line.extend(self.live.as_bytes()),
                EXPIRED_MARK => line.extend(self.expired.as_bytes()),
                byte => line.push(byte),
            }
        }
        line
    }
}

async fn answer<S, B>(app: &S, request: Request) -> (u16, SessionOrigin)
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let response = app.call(request).await.unwrap();
    let origin = response.headers().get("x-origin").unwrap();
    let all = [
        SessionOrigin::New,
        SessionOrigin::Restored,
        SessionOrigin::Expired,
        SessionOrigin::Rejected,
    ];
    let origin = all
        .into_iter()
        .find(|known| format!("{known:?}").as_bytes() == origin.as_bytes());
    (response.status().as_u16(), origin.unwrap())
}

/// The values with the session's name, as a browser following RFC 6265bis §5.8 would send them;
/// independent of the library.
fn candidates(line: &[u8]) -> Vec<&[u8]> {
    let mut values = Vec::new();
    for pair in line.split(|byte| *byte == b';') {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        if let (Some(name), Some(value)) = (halves.next(), halves.next())
            && trimmed(name) == NAME.as_bytes()
        {
            values.push(trimmed(value));
        }
    }
    values
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let Some(start) = bytes.iter().position(|byte| !is_blank(byte)) else {
        return &[];
    };
    let end = bytes.iter().rposition(|byte| !is_blank(byte)).unwrap();
    &bytes[start..=end]
}
