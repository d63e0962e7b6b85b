//! The routes: each handler takes the sessions and the user that it needs.
//!
//! Every successful `POST` responds with 303, so that a reload does not repeat it. Forms need no
//! tokens: a request from another site is refused with a 403.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::LOCATION},
    web::{self, Data, Form},
};
use secure_session::{Session, SessionOrigin};
use serde::Deserialize;

use crate::{
    pages,
    sessions::{self, A_DAY, Auth, Language, Prefs, Theme},
    signed_in::{ConfirmedUser, User},
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
        .route("/email", web::post().to(set_email));
}

async fn index(user: Option<User>, prefs: Session<Prefs>) -> HttpResponse {
    sessions::keep(&prefs);
    let name = user.map(|User(account)| account.name);
    pages::page(StatusCode::OK, &prefs, &pages::index(name, &prefs))
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
async fn login_form(auth: Session<Auth>, prefs: Session<Prefs>) -> HttpResponse {
    let mut message = "";
    if auth.info().origin() == SessionOrigin::Expired {
        message = "Your session has expired. Please log in again.";
        auth.destroy(); // removes the cookie, so the message appears once
    }
    pages::page(StatusCode::OK, &prefs, &pages::login(message))
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
    form: Form<LoginForm>,
) -> HttpResponse {
    let Some(account) = users.by_password(&form.name, &form.password) else {
        let body = pages::login("Wrong name or password.");
        return pages::page(StatusCode::UNAUTHORIZED, &prefs, &body);
    };
    auth.sign_in(); // first, because it resets the fields of the previous session
    auth.set_user_id(account.id);
    if form.remember.is_some() {
        auth.remember_for(30 * A_DAY);
    }
    see_other("/account")
}

async fn logout(auth: Session<Auth>) -> HttpResponse {
    auth.destroy();
    see_other("/")
}

async fn account(User(account): User, prefs: Session<Prefs>) -> HttpResponse {
    pages::page(StatusCode::OK, &prefs, &pages::account(&account))
}

async fn confirm_form(_: User, prefs: Session<Prefs>) -> HttpResponse {
    let body = pages::confirm("Please enter your password again.");
    pages::page(StatusCode::OK, &prefs, &body)
}

#[derive(Deserialize)]
struct ConfirmForm {
    password: String,
}

async fn confirm(
    User(account): User,
    auth: Session<Auth>,
    prefs: Session<Prefs>,
    form: Form<ConfirmForm>,
) -> HttpResponse {
    if !account.has_password(&form.password) {
        let body = pages::confirm("This is not your password.");
        return pages::page(StatusCode::FORBIDDEN, &prefs, &body);
    }
    auth.reauthenticate(); // keeps the user and starts the five minutes
    see_other("/email")
}

/// The form requires a recent password too, so that nobody fills it in only to be rejected.
async fn email_form(ConfirmedUser(account): ConfirmedUser, prefs: Session<Prefs>) -> HttpResponse {
    pages::page(StatusCode::OK, &prefs, &pages::email(&account))
}

#[derive(Deserialize)]
struct EmailForm {
    email: String,
}

async fn set_email(
    ConfirmedUser(account): ConfirmedUser,
    users: Data<Users>,
    form: Form<EmailForm>,
) -> HttpResponse {
    users.set_email(account.id, form.into_inner().email);
    see_other("/account")
}

pub(crate) fn see_other(place: &'static str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, place))
        .finish()
}
