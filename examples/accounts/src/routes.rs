//! The routes: each handler takes the sessions and the user that it needs.
//!
//! Every successful `POST` responds with 303, so that a reload does not repeat it. Forms need no
//! tokens: a request from another site is refused with a 403.
//!
//! Guards redirect to `/login` and `/confirm` with the page to return to, `ReturnTo`. The forms there
//! keep it in their address.

mod administration;
mod devices;
mod password;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header::LOCATION},
    web::{self, Data, Form},
};
use secure_session::{ReturnTo, Session, SessionOrigin};
use serde::Deserialize;

use crate::{
    devices::Devices,
    error::AppError,
    pages,
    sessions::{self, A_MONTH, Auth, Language, Prefs, Theme},
    signed_in::{Confirmed, ConfirmedUser, SignedIn, User},
    users::Users,
};

pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config
        .route("/", web::get().to(index))
        .route("/prefs", web::post().to(set_prefs))
        .route("/login", web::get().to(login_form))
        .route("/login", web::post().to(login))
        .route("/logout", web::post().to(logout))
        .route("/account", web::get().to(account))
        .route("/confirm", web::get().to(confirm_form))
        .route("/confirm", web::post().to(confirm))
        .route("/email", web::get().to(email_form))
        .route("/email", web::post().to(set_email))
        .route("/password", web::get().to(password::form))
        .route("/password", web::post().to(password::set))
        .route("/devices", web::get().to(devices::list))
        .route("/devices/end", web::post().to(devices::end))
        .route("/users", web::get().to(administration::users))
        .route("/users/{id}/block", web::post().to(administration::block));
}

async fn index(user: Option<User>, prefs: Session<Prefs>) -> HttpResponse {
    sessions::keep(&prefs);
    let name = user.map(|User(_, account)| account.name);
    let body = pages::index(name.as_deref(), &prefs);
    pages::page(StatusCode::OK, &prefs, &body)
}

#[derive(Deserialize)]
struct PrefsForm {
    theme: Theme,
    language: Language,
}

async fn set_prefs(prefs: Session<Prefs>, form: Form<PrefsForm>) -> HttpResponse {
    prefs.set_theme(form.theme);
    prefs.set_language(form.language);
    see_other("/")
}

/// Users who are not signed in are redirected here, so this page shows the reason.
async fn login_form(auth: Session<Auth>, prefs: Session<Prefs>, to: ReturnTo) -> HttpResponse {
    let message = match auth.info().origin() {
        SessionOrigin::Expired => "Your session has expired. Please log in again.",
        SessionOrigin::Revoked => "You have been logged out. Please log in again.",
        _ => "",
    };
    if !message.is_empty() {
        auth.destroy(); // removes the cookie, so the message appears once
    }
    pages::page(StatusCode::OK, &prefs, &pages::login(message, &to))
}

#[derive(Deserialize)]
struct LoginForm {
    name: String,
    password: String,
    /// A checkbox sends `on` if it is ticked, and nothing otherwise.
    remember: Option<String>,
}

async fn login(
    auth: Session<Auth>,
    prefs: Session<Prefs>,
    users: Data<Users>,
    devices: Data<Devices>,
    to: ReturnTo,
    form: Form<LoginForm>,
    request: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let form = form.into_inner();
    let Some(id) = users.by_password(form.name, form.password).await? else {
        let body = pages::login("Wrong name or password.", &to);
        return Ok(pages::page(StatusCode::UNAUTHORIZED, &prefs, &body));
    };
    auth.sign_in(); // first, because it resets the fields of the previous session
    auth.set_user_id(id);
    if form.remember.is_some() {
        auth.remember_for(A_MONTH);
    }
    devices.add(&auth, &request);
    Ok(to.see_other_or("/account"))
}

async fn logout(auth: Session<Auth>) -> HttpResponse {
    auth.destroy();
    see_other("/")
}

async fn account(User(_, account): User, prefs: Session<Prefs>) -> HttpResponse {
    pages::page(StatusCode::OK, &prefs, &pages::account(&account))
}

async fn confirm_form(_: User, prefs: Session<Prefs>, to: ReturnTo) -> HttpResponse {
    let body = pages::confirm("Please enter your password again.", &to);
    pages::page(StatusCode::OK, &prefs, &body)
}

#[derive(Deserialize)]
struct ConfirmForm {
    password: String,
}

async fn confirm(
    User(SignedIn { user_id }, _): User,
    auth: Session<Auth>,
    prefs: Session<Prefs>,
    users: Data<Users>,
    to: ReturnTo,
    form: Form<ConfirmForm>,
) -> Result<HttpResponse, AppError> {
    let password = form.into_inner().password;
    if !users.has_password(user_id, password).await? {
        let body = pages::confirm("This is not your password.", &to);
        return Ok(pages::page(StatusCode::FORBIDDEN, &prefs, &body));
    }
    auth.reauthenticate(); // keeps the user and starts the five minutes
    Ok(to.see_other_or("/email"))
}

/// The form requires a recent password too, so that nobody fills it in only to be rejected.
async fn email_form(User(_, account): ConfirmedUser, prefs: Session<Prefs>) -> HttpResponse {
    pages::page(StatusCode::OK, &prefs, &pages::email(&account))
}

#[derive(Deserialize)]
struct EmailForm {
    email: String,
}

async fn set_email(
    User(Confirmed { user_id }, _): ConfirmedUser,
    users: Data<Users>,
    form: Form<EmailForm>,
) -> Result<HttpResponse, AppError> {
    users.set_email(user_id, form.into_inner().email).await?;
    Ok(see_other("/account"))
}

fn see_other(place: &'static str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, place))
        .finish()
}
