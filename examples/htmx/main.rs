//! Pages that htmx updates: if the session has expired, the browser goes to the login page.
//!
//! ```text
//! cargo run --example htmx   # http://127.0.0.1:8080, or another PORT
//! ```
//!
//! After a redirect, htmx would put the login page into the fragment that it loads. So a guard
//! responds to htmx with `HX-Redirect`, and the browser leaves the page for the login. `next` is the
//! path of that page, not of the fragment, and the login returns there. No handler has to know about
//! htmx.
//!
//! | Variable | |
//! |---|---|
//! | `PORT` | default: 8080; 0 uses any free port |
//! | `IDLE` | seconds without a request after which a session expires; default: 1800 |
//! | `HTMX` | a file with another version of htmx |
//!
//! `htmx-2.min.js` is the file `dist/htmx.min.js` of the npm package htmx.org, version 2.0.11. Its
//! licence (0BSD) is in `LICENSE-htmx`.

use std::{
    env,
    error::Error,
    fs,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_web::{
    App, HttpResponse, HttpServer,
    body::MessageBody,
    http::header::{CACHE_CONTROL, ContentType, LOCATION},
    web::{self, Bytes},
};
use secure_session::{Key, ReturnTo, SecureSession, Session, SessionGuard, SessionMiddleware};
use serde::Deserialize;

const HTMX: &[u8] = include_bytes!("htmx-2.min.js");

#[derive(SecureSession)]
struct Auth {
    #[session(identity)]
    user_id: Option<u64>,
    name: Option<String>,
}

/// The signed-in user. Others are sent to the login.
#[derive(SessionGuard)]
#[guard(Auth, login = "/login")]
struct SignedIn {
    user_id: u64,
    name: String,
}

#[derive(Deserialize)]
struct Login {
    name: String,
}

/// The page with the fragments `/notes` and `/time`.
async fn index(user: SignedIn) -> HttpResponse {
    page(include_str!("index.html"), &user)
}

/// The page of a boosted link: htmx loads it and replaces the body.
async fn account(user: SignedIn) -> HttpResponse {
    page(include_str!("account.html"), &user)
}

async fn notes(_: SignedIn) -> HttpResponse {
    html("<ul><li>Water the plants</li><li>Call Grace</li></ul>")
}

async fn time(_: SignedIn) -> HttpResponse {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.map_or(0, |now| now.as_secs()) % 86_400;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    html(format!("{hours:02}:{minutes:02}:{seconds:02} UTC"))
}

async fn login_form(to: ReturnTo) -> HttpResponse {
    // `next` is percent-encoded and this address has no other query, so there is nothing to escape.
    let action = to.append_to("/login");
    html(format!(
        r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Log in</title>
<h1>Log in</h1>
<form method="post" action="{action}">
<label for="name">Name</label>
<input id="name" name="name" required maxlength="40" autofocus>
<button>Log in</button>
</form>
</html>
"#
    ))
}

/// An application would check a password and look up the user.
async fn login(auth: Session<Auth>, to: ReturnTo, form: web::Form<Login>) -> HttpResponse {
    auth.sign_in();
    auth.set_user_id(42);
    auth.set_name(form.into_inner().name);
    to.see_other_or("/")
}

async fn logout(auth: Session<Auth>) -> HttpResponse {
    auth.destroy();
    HttpResponse::SeeOther()
        .insert_header((LOCATION, "/login"))
        .finish()
}

/// Has no guard, so that a login page can load it too.
async fn htmx(script: web::Data<Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .body(script.get_ref().clone())
}

/// Fills in a page. The name is last, because it may contain anything.
fn page(template: &str, user: &SignedIn) -> HttpResponse {
    let page = template.replace("<!-- user_id -->", &user.user_id.to_string());
    html(page.replace("<!-- name -->", &escaped(&user.name)))
}

/// Responds with a page or a fragment that caches and the back button do not keep.
fn html(body: impl MessageBody + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(body)
}

/// Escapes text for HTML content.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt::init();
    let idle = env::var("IDLE").map_or(Ok(30 * 60), |seconds| seconds.parse())?;
    let idle = Duration::from_secs(idle);
    // An application reads its keys: KeyRing::from_env("SESSION_KEYS")?
    let key = Key::generate()?;
    let sessions = SessionMiddleware::builder(key)
        .plain_http()
        .session_with::<Auth>(|policy| policy.idle(idle))
        .build()?;
    let script = match env::var_os("HTMX") {
        Some(file) => Bytes::from(fs::read(file)?),
        None => Bytes::from_static(HTMX),
    };
    let script = web::Data::new(script);

    let port = env::var("PORT").map_or(Ok(8080), |port| port.parse())?;
    let server = HttpServer::new(move || {
        App::new()
            .wrap(sessions.clone())
            .app_data(script.clone())
            .route("/", web::get().to(index))
            .route("/account", web::get().to(account))
            .route("/notes", web::get().to(notes))
            .route("/time", web::get().to(time))
            .route("/login", web::get().to(login_form))
            .route("/login", web::post().to(login))
            .route("/logout", web::post().to(logout))
            .route("/htmx.js", web::get().to(htmx))
    })
    .bind(("127.0.0.1", port))?;
    for address in server.addrs() {
        println!("http://{address}");
    }
    server.run().await?;
    Ok(())
}
