//! A WebSocket that knows its visitor, refuses pages of other sites and ends with its session.
//!
//! ```text
//! cargo run --example websocket   # http://127.0.0.1:8080, or another PORT
//! ```
//!
//! A page of any site can open a socket to this server, and the browser adds the cookie. So the
//! handshake asks for the session, which is refused to a page of another origin: the handshake fails
//! with a 403.
//!
//! The socket outlives the request and its `Session`. With a `Codec`, it decrypts the cookie of the
//! handshake again for each message, until a limit in that cookie has passed. A logout, and activity
//! in other requests, do not reach it.

use std::{
    env,
    error::Error,
    sync::atomic::{AtomicU32, Ordering},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, error, rt, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode};
use secure_session::{Key, SecureSession, Session, SessionMiddleware, codec::Codec};

#[derive(SecureSession)]
struct Auth {
    name: Option<String>,
}

/// Opening the page signs a visitor in.
async fn page(auth: Session<Auth>) -> HttpResponse {
    static VISITORS: AtomicU32 = AtomicU32::new(1);
    if auth.name().is_none() {
        let number = VISITORS.fetch_add(1, Ordering::Relaxed);
        auth.sign_in();
        auth.set_name(format!("visitor {number}"));
    }
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(PAGE)
}

async fn socket(
    auth: Session<Auth>,
    request: HttpRequest,
    body: web::Payload,
    codec: web::Data<Codec<Auth>>,
) -> Result<HttpResponse, actix_web::Error> {
    if auth.name().is_none() {
        return Err(error::ErrorForbidden("open the page first"));
    }
    let cookie = session_cookie(&request, &codec).unwrap_or_default();
    let (response, socket, messages) = actix_ws::handle(&request, body)?;
    let messages = messages.max_frame_size(4096).aggregate_continuations();
    let messages = messages.max_continuation_size(4096);
    rt::spawn(talk(codec, cookie, socket, messages));
    Ok(response)
}

/// Returns the value of the first cookie that opens, as the middleware does.
fn session_cookie(request: &HttpRequest, codec: &Codec<Auth>) -> Option<String> {
    let lines = request.headers().get_all("Cookie");
    let lines = lines.filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';'));
    let pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(name, _)| *name == codec.cookie_name());
    let (_, value) = values.find(|(_, value)| codec.open(value).is_ok())?;
    Some(value.to_owned())
}

/// Runs long after the response, when the request's `Session` is closed.
async fn talk(
    codec: web::Data<Codec<Auth>>,
    cookie: String,
    mut socket: actix_ws::Session,
    mut messages: AggregatedMessageStream,
) {
    while let Some(Ok(message)) = messages.recv().await {
        let sent = match message {
            AggregatedMessage::Text(text) => match codec.open(&cookie) {
                Ok(auth) => {
                    let name = auth.name.as_deref().unwrap_or("nobody");
                    socket.text(format!("{name}: {text}")).await
                }
                // The reason is for the log; clients must not see it.
                Err(reason) => {
                    println!("the session has ended: {reason}");
                    break;
                }
            },
            AggregatedMessage::Ping(bytes) => socket.pong(&bytes).await,
            AggregatedMessage::Close(_) => break,
            _ => Ok(()),
        };
        if sent.is_err() {
            return;
        }
    }
    // Closing fails if it is already closed.
    let _ = socket.close(Some(CloseCode::Normal.into())).await;
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt::init();
    // An application reads its keys: KeyRing::from_env("SESSION_KEYS")?
    let key = Key::generate()?;
    let sessions = SessionMiddleware::builder(key)
        .plain_http()
        .session::<Auth>()
        .build()?;
    let codec = sessions.codec::<Auth>().ok_or("registered above")?;
    let codec = web::Data::new(codec);

    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse())?;
    let server = HttpServer::new(move || {
        App::new()
            .wrap(sessions.clone())
            .app_data(codec.clone())
            .route("/", web::get().to(page))
            .route("/socket", web::get().to(socket))
    })
    .workers(1)
    .bind(("127.0.0.1", port))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    server.run().await?;
    Ok(())
}

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>WebSocket</title>
<form><input aria-label="Message" autofocus> <button>Send</button></form>
<pre></pre>
<script type="module">
const [form, input, log] = ["form", "input", "pre"].map((name) => document.querySelector(name));
const socket = new WebSocket(`ws://${location.host}/socket`);
socket.onopen = () => log.append("open\n");
socket.onmessage = ({ data }) => log.append(data, "\n");
socket.onclose = () => log.append("closed\n");
form.onsubmit = (event) => {
    event.preventDefault();
    socket.send(input.value);
    input.value = "";
};
</script>
</html>
"#;
