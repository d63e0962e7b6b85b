//! The cost of the origin check: a POST that reads a session, from each kind of client.

use actix_http::Request;
use actix_web::{
    App, HttpResponse,
    http::header::{HeaderName, HeaderValue},
    test::{TestRequest, init_service},
    web,
};
use secure_session::{SecureSession, Session, SessionMiddleware};

use crate::{apps::typed::key, measure::Case, target::time};

/// Sessions with and without the check.
macro_rules! session {
    ($name:ident, $mode:literal) => {
        #[derive(SecureSession)]
        #[session(cross_origin = $mode)]
        struct $name {
            count: u32,
        }
    };
}

session!(Checked, "refuse");
session!(Unchecked, "allow");

type Headers = &'static [(&'static str, &'static str)];

/// Headers that a client adds.
const CLIENTS: [(&str, Headers); 3] = [
    (
        "browser",
        &[
            ("origin", "https://shop.example"),
            ("sec-fetch-site", "same-origin"),
        ],
    ),
    ("old-browser", &[("origin", "https://shop.example")]),
    ("no-browser", &[]),
];

/// The clients, as the report names them.
pub fn clients() -> impl Iterator<Item = &'static str> {
    CLIENTS.iter().map(|(client, _)| *client)
}

/// `checked` or `unchecked`.
pub fn name(client: &str, mode: &str) -> String {
    format!("origin/{client}/{mode}")
}

pub fn names() -> impl Iterator<Item = String> {
    clients().flat_map(|client| ["unchecked", "checked"].map(|mode| name(client, mode)))
}

pub fn cases() -> Vec<Case> {
    let of_client = |(client, headers): (&str, Headers)| {
        [
            case::<Unchecked>(name(client, "unchecked"), headers),
            case::<Checked>(name(client, "checked"), headers),
        ]
    };
    CLIENTS.into_iter().flat_map(of_client).collect()
}

fn case<T: SecureSession>(name: String, headers: Headers) -> Case {
    Case::timed(name, move |count| {
        Box::pin(async move {
            let sessions = SessionMiddleware::builder(key(1)).session::<T>().build();
            let app = App::new()
                .wrap(sessions.expect("the session has no misuse"))
                .route("/", web::post().to(read::<T>));
            let app = init_service(app).await;
            time(&app, count, || request(headers)).await
        })
    })
}

fn request(headers: Headers) -> Request {
    let mut request = TestRequest::post().insert_header(("host", "shop.example"));
    for (name, value) in headers {
        let name = HeaderName::from_static(name);
        request = request.insert_header((name, HeaderValue::from_static(value)));
    }
    request.to_request()
}

async fn read<T: SecureSession>(session: Session<T>) -> HttpResponse {
    assert!(!session.info().is_changed());
    HttpResponse::Ok().finish()
}
