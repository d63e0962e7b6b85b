//! actix-session with its cookie store, and its defaults.

use actix_session::{
    Session, SessionGetError, SessionInsertError, SessionMiddleware, storage::CookieSessionStore,
};
use actix_web::{HttpResponse, cookie::Key, web};
use serde::de::DeserializeOwned;

use crate::account::{Account, EMAIL, NAME, ROLES, THEME, USER_ID, VISITS};

pub fn sessions(key: Key) -> SessionMiddleware<CookieSessionStore> {
    SessionMiddleware::new(CookieSessionStore::default(), key)
}

pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/unused", web::get().to(unused))
        .route("/read", web::get().to(read))
        .route("/refresh", web::get().to(read))
        .route("/count", web::get().to(count))
        .route("/login", web::get().to(login))
        // After the measured routes, because actix-web tries routes in order.
        .route("/begin", web::get().to(begin))
        .route("/show", web::get().to(show));
}

async fn begin(session: Session) -> Result<HttpResponse, SessionInsertError> {
    session.insert("user_id", USER_ID)?;
    session.insert("name", NAME)?;
    session.insert("email", EMAIL)?;
    session.insert("roles", ROLES)?;
    session.insert("theme", THEME)?;
    session.insert("visits", VISITS)?;
    Ok(HttpResponse::Ok().finish())
}

async fn show(session: Session) -> Result<HttpResponse, SessionGetError> {
    let account = Account {
        user_id: field(&session, "user_id")?,
        name: field(&session, "name")?,
        email: field(&session, "email")?,
        roles: field(&session, "roles")?,
        theme: field(&session, "theme")?,
        visits: field(&session, "visits")?,
    };
    Ok(HttpResponse::Ok().json(account))
}

fn field<F: DeserializeOwned + Default>(
    session: &Session,
    name: &str,
) -> Result<F, SessionGetError> {
    Ok(session.get(name)?.unwrap_or_default())
}

async fn unused() -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn read(session: Session) -> Result<HttpResponse, SessionGetError> {
    let user_id: Option<u64> = session.get("user_id")?;
    let name: Option<String> = session.get("name")?;
    Ok(
        if user_id == Some(USER_ID) && name.as_deref() == Some(NAME) {
            HttpResponse::Ok().finish()
        } else {
            HttpResponse::Unauthorized().finish()
        },
    )
}

async fn count(session: Session) -> actix_web::Result<HttpResponse> {
    let visits: u32 = session.get("visits")?.unwrap_or_default();
    session.insert("visits", visits + 1)?;
    Ok(HttpResponse::Ok().finish())
}

async fn login(session: Session) -> Result<HttpResponse, SessionInsertError> {
    session.renew();
    session.insert("user_id", USER_ID)?;
    session.insert("name", NAME)?;
    session.insert("email", EMAIL)?;
    session.insert("roles", ROLES)?;
    session.insert("theme", THEME)?;
    Ok(HttpResponse::Ok().finish())
}
