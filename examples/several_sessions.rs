//! Two sessions side by side: a shop for everyone, and its office with its own keys and path.
//!
//! ```text
//! cargo run --example several_sessions
//! ```
//!
//! Browsers send the office's cookie only to `/office`, so pages of the shop never receive it. The
//! shop's key cannot create one. A `__Host-` cookie must have the path `/`, so the office's cookie
//! needs another name; `__Secure-` still prevents it from being set over plain http.

use std::error::Error;

use actix_web::{
    App, HttpResponse,
    http::header::SET_COOKIE,
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{Key, SecureSession, Session, SessionMiddleware, policy::Lifetime};

/// All defaults. The cookie is called `__Host-basket`.
#[derive(SecureSession)]
struct Basket {
    items: Vec<String>,
}

#[derive(SecureSession)]
#[session(cookie = "__Secure-office", path = "/office", same_site = "strict")]
struct Office {
    clerk: Option<String>,
}

async fn add(basket: Session<Basket>) -> HttpResponse {
    basket.update_items(|items| items.push("tea".to_owned()));
    HttpResponse::NoContent().finish()
}

async fn enter(office: Session<Office>) -> HttpResponse {
    office.sign_in();
    office.set_clerk("Grace");
    HttpResponse::NoContent().finish()
}

/// A handler may take both, which are independent.
async fn pack(office: Session<Office>, basket: Session<Basket>) -> HttpResponse {
    let (Some(clerk), false) = (office.clerk(), basket.items().is_empty()) else {
        return HttpResponse::Forbidden().finish();
    };
    println!("{clerk:?} packs {:?}", basket.items());
    basket.clear_items();
    HttpResponse::NoContent().finish()
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // An application reads its keys: KeyRing::from_env("SHOP_KEYS")? and
    // KeyRing::from_env("OFFICE_KEYS")?
    let (shop_key, office_key) = (Key::generate()?, Key::generate()?);

    let sessions = SessionMiddleware::builder(shop_key)
        .session::<Basket>()
        .session_with::<Office>(|policy| policy.keys(office_key).lifetime(Lifetime::aal3()))
        .build()?;
    let app = App::new()
        .wrap(sessions)
        .route("/add", web::post().to(add))
        .route("/office/enter", web::post().to(enter))
        .route("/office/pack", web::post().to(pack));
    let app = init_service(app).await;

    let mut cookies: Vec<String> = Vec::new();
    for path in ["/add", "/office/enter", "/office/pack"] {
        let request = TestRequest::post()
            .uri(path)
            .insert_header(("Cookie", cookies.join("; ")));
        let response = call_service(&app, request.to_request()).await;
        println!("POST {path}: {}", response.status());
        for header in response.headers().get_all(SET_COOKIE) {
            let (pair, attributes) = header.to_str()?.split_once("; ").unwrap_or_default();
            let (name, _) = pair.split_once('=').unwrap_or_default();
            println!("  sets {name}: {attributes}");
            cookies.push(pair.to_owned());
        }
    }
    Ok(())
}
