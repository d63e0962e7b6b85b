//! Replaces a key without logging anyone out.
//!
//! ```text
//! cargo run --example key_rotation
//! ```
//!
//! A visitor logs in under the old key and returns after each of three deployments. An application
//! reads its keys with `KeyRing::from_env("SESSION_KEYS")`, and each deployment changes that
//! variable.

use std::error::Error;

use actix_web::{
    App,
    http::header::{COOKIE, SET_COOKIE},
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{Key, KeyRing, SecureSession, Session, SessionMiddleware, codec::Codec};

#[derive(SecureSession)]
struct Auth {
    user_id: Option<u64>,
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [old, new] = [Key::generate()?, Key::generate()?];
    let ring = |keys: [&Key; 2]| KeyRing::from_keys(keys.map(Clone::clone));

    // The login, under the old key. Two browsers have its cookie.
    let before = Codec::<Auth>::builder(old.clone()).build()?;
    let mut cookie = before.seal(&Auth { user_id: Some(42) })?;
    let mut stayed_away = cookie.clone();

    println!("Keys old,new: every instance gets the new key before one of them encrypts with it.");
    visit(ring([&old, &new])?, &mut cookie).await?;

    println!("Keys new,old: cookies received under the old key are sent back under the new one.");
    visit(ring([&new, &old])?, &mut cookie).await?;
    visit(ring([&new, &old])?, &mut cookie).await?;

    println!("Key new: remove the old key once the longest lifetime of a session has passed.");
    visit(new.clone().into(), &mut cookie).await?;

    println!("The cookie of a visitor who did not return since the login no longer opens.");
    visit(new.into(), &mut stayed_away).await
}

/// The application only reads its session, because key rotation needs no code.
async fn index(auth: Session<Auth>) -> String {
    match auth.user_id() {
        Some(id) => format!("signed in as {id}"),
        None => "not signed in".to_owned(),
    }
}

/// Sends one request to an application with these keys, and handles the response like a browser.
async fn visit(keys: KeyRing, cookie: &mut String) -> Result<(), Box<dyn Error>> {
    let codec = Codec::<Auth>::builder(keys.clone()).build()?;
    let sessions = SessionMiddleware::builder(keys).session::<Auth>().build()?;
    let app = App::new().wrap(sessions).route("/", web::get().to(index));
    let app = init_service(app).await;

    println!("  received: {}", seen_by(&codec, cookie));
    let name = codec.cookie_name();
    let request = TestRequest::get().insert_header((COOKIE, format!("{name}={cookie}")));
    let response = call_service(&app, request.to_request()).await;
    let sent = match response.headers().get(SET_COOKIE) {
        Some(header) => {
            let pair = header.to_str()?.split(';').next().unwrap_or_default();
            pair.trim_start_matches(name)
                .trim_start_matches('=')
                .clone_into(cookie);
            seen_by(&codec, cookie)
        }
        None => "nothing, the browser keeps its cookie".to_owned(),
    };
    let body = actix_web::test::read_body(response).await;
    println!("  page:     {}", String::from_utf8_lossy(&body));
    println!("  sent:     {sent}\n");
    Ok(())
}

/// The session in a cookie, and the key of the ring that encrypted it.
fn seen_by(codec: &Codec<Auth>, cookie: &str) -> String {
    match codec.open(cookie) {
        Ok(opened) => format!("session {}, key {}", opened.id(), opened.key_index() + 1),
        Err(reason) => format!("does not open ({reason})"),
    }
}
