//! A key from a passphrase, and a typed version of the README example of @fastify/secure-session.
//!
//! ```text
//! cargo run --example passphrase
//! ```
//!
//! Passphrase, salt and format are those of that example, so a Node application that runs it can
//! decrypt the cookie printed here.

use std::{error::Error, time::Instant};

use actix_web::{
    App, HttpResponse,
    http::header::{COOKIE, SET_COOKIE},
    test::{TestRequest, call_service, init_service, read_body},
    web,
};
use secure_session::{Key, Salt, SecureSession, Session, SessionMiddleware};
use serde::Serialize;

/// The content of `request.session`.
#[derive(SecureSession, Serialize)]
#[session(format = "fastify", cookie = "session")]
struct Visitor {
    data: Option<String>,
    visits: u32,
}

/// `request.session.set('data', request.body)`
async fn set(session: Session<Visitor>, body: String) -> &'static str {
    session.set_data(body);
    session.update_visits(|visits| *visits += 1);
    "session set"
}

/// `request.session.get('data')`
async fn get(session: Session<Visitor>) -> HttpResponse {
    match session.data() {
        Some(data) => HttpResponse::Ok().body(data.to_owned()),
        None => HttpResponse::NotFound().finish(),
    }
}

/// `request.session.data()`
async fn all(session: Session<Visitor>) -> HttpResponse {
    HttpResponse::Ok().json(session.snapshot())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // An application reads both from elsewhere, because anyone who has the program can read these.
    let (secret, salt) = ("averylogphrasebiggerthanthirtytwochars", "mq9hDxBVDbspDR6n");
    let salt = Salt::from_text(salt)?;

    // Do this once, at start-up, on a thread that may block.
    let began = Instant::now();
    let key = web::block(move || Key::from_passphrase(secret, &salt)).await??;
    println!(
        "Deriving the key took {} ms.\n",
        began.elapsed().as_millis()
    );

    let sessions = SessionMiddleware::builder(key)
        .session::<Visitor>()
        .build()?;
    let app = App::new()
        .wrap(sessions)
        .route("/", web::post().to(set))
        .route("/", web::get().to(get))
        .route("/all", web::get().to(all));
    let app = init_service(app).await;

    let mut cookie = String::new();
    let requests = [
        TestRequest::get().uri("/"),
        TestRequest::post().uri("/").set_payload("hello"),
        TestRequest::get().uri("/"),
        TestRequest::get().uri("/all"),
    ];
    for request in requests {
        let request = request
            .insert_header((COOKIE, cookie.as_str()))
            .to_request();
        println!("{} {}", request.method(), request.path());
        let response = call_service(&app, request).await;
        if let Some(header) = response.headers().get(SET_COOKIE) {
            println!("  Set-Cookie: {}", header.to_str()?);
            let pair = header.to_str()?.split(';').next().unwrap_or_default();
            pair.clone_into(&mut cookie);
        }
        let status = response.status();
        let body = read_body(response).await;
        println!("  {status} {}", String::from_utf8_lossy(&body));
    }
    Ok(())
}
