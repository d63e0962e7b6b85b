//! The routes: each handler takes the sessions it needs, by their types.
//!
//! Every `POST` responds with 303, so that a reload does not repeat it. Forms need no tokens: a
//! request from another site is refused with a 403.

use std::time::SystemTime;

use actix_web::{
    HttpResponse, get,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION},
    },
    post, web,
};
use secure_session::{EncodeError, ReturnTo, RevocationError, Revocations, Session, SessionOrigin};

use crate::{
    devices::Devices,
    forms::{self, BasketForm, EndDeviceForm, LoginForm, ThemeForm},
    live::Live,
    pages::{self, Layout},
    sessions::{self, Admin, Auth, AuthSelector, Confirmed, Notice, Prefs, SignedIn},
    state::State,
};

pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config
        .app_data(forms::config())
        .service((index, login_form, login, logout, account))
        .service((admin, me, confirm_form, confirm, confirm_needed))
        .service((logout_everywhere, password, device_list, end_device, live))
        .service((theme, basket, clear_basket))
        .service((state, style));
}

#[get("/")]
async fn index(auth: Session<Auth>, prefs: Session<Prefs>) -> HttpResponse {
    let notice = expiry(&auth).or_else(|| prefs.take_notice());
    let layout = Layout {
        title: "Corner shop",
        notice,
        theme: prefs.theme(),
        signed_in: auth.user_id().is_some(),
    };
    layout.page(&pages::index(&auth, prefs.basket()))
}

/// Guards redirect here, with the page to return to in `next`.
#[get("/login")]
async fn login_form(auth: Session<Auth>, prefs: Session<Prefs>, to: ReturnTo) -> HttpResponse {
    let layout = Layout {
        title: "Log in",
        notice: revocation(&auth).or_else(|| expiry(&auth)),
        theme: prefs.theme(),
        signed_in: auth.user_id().is_some(),
    };
    layout.page(&pages::login(&to))
}

#[post("/login")]
async fn login(
    auth: Session<Auth>,
    to: ReturnTo,
    form: web::Form<LoginForm>,
    devices: web::Data<Devices>,
) -> HttpResponse {
    let LoginForm { name, next } = form.into_inner();
    let to = to.or(ReturnTo::of(&next));
    auth.sign_in(); // a new session; only `visits` survives from the previous one
    auth.update_visits(|visits| *visits = visits.saturating_add(1));
    let number = user_id(name.as_ref());
    auth.set_user_id(number);
    if name.as_ref() == "root" {
        auth.set_roles(["admin"]);
    }
    auth.set_name(name);
    if let Some(id) = auth.info().id() {
        devices.add(id, number);
    }
    to.see_other_or("/")
}

#[post("/logout")]
async fn logout(auth: Session<Auth>, prefs: Session<Prefs>) -> HttpResponse {
    auth.destroy();
    prefs.set_notice(Notice::LoggedOut);
    see_other("/")
}

#[post("/logout-everywhere")]
async fn logout_everywhere(
    user: SignedIn,
    prefs: Session<Prefs>,
    revocations: web::Data<Revocations>,
    devices: web::Data<Devices>,
) -> Result<HttpResponse, RevocationError> {
    let SignedIn { user_id, auth } = user;
    let revoked = devices.ids_of(user_id); // before, so that a login meanwhile stays listed
    revocations
        .revoke_all(AuthSelector::UserId(user_id))
        .await?;
    devices.remove(&revoked);
    auth.destroy();
    prefs.set_notice(Notice::LoggedOut);
    Ok(see_other("/"))
}

/// An application would ask for both passwords, and store the new one here.
#[post("/password")]
async fn password(
    user: SignedIn,
    revocations: web::Data<Revocations>,
    devices: web::Data<Devices>,
) -> Result<HttpResponse, RevocationError> {
    let SignedIn { user_id, auth } = user;
    let mut others = devices.ids_of(user_id);
    let this = auth.info().id(); // the id under which it is listed until the response is sent
    others.retain(|id| Some(*id) != this);
    auth.reauthenticate();
    revocations
        .revoke_others(&auth, AuthSelector::UserId(user_id))
        .await?;
    devices.remove(&others);
    Ok(see_other("/account"))
}

/// Lists the user's sessions.
#[get("/devices")]
async fn device_list(
    user: SignedIn,
    prefs: Session<Prefs>,
    devices: web::Data<Devices>,
) -> HttpResponse {
    let layout = Layout {
        title: "Your devices",
        notice: None,
        theme: prefs.theme(),
        signed_in: true,
    };
    let listed = devices.of_user(user.user_id, SystemTime::now());
    layout.page(&pages::devices(&listed, user.auth.info().id()))
}

/// Ends one of the user's sessions. An unknown id and one of another user get the same 404.
#[post("/devices/end")]
async fn end_device(
    user: SignedIn,
    form: web::Form<EndDeviceForm>,
    revocations: web::Data<Revocations>,
    devices: web::Data<Devices>,
) -> Result<HttpResponse, RevocationError> {
    let id = form.id.0;
    if !devices.belongs_to(id, user.user_id) {
        let text = "You have no such session.";
        return Ok(pages::problem(StatusCode::NOT_FOUND, text));
    }
    revocations.revoke_session::<Auth>(id).await?;
    devices.remove(&[id]);
    if user.auth.info().id() == Some(id) {
        user.auth.destroy(); // removes the cookie, too
    }
    Ok(see_other("/devices"))
}

/// Server-sent events until the session ends, for `curl -N`.
#[get("/live")]
async fn live(user: SignedIn) -> HttpResponse {
    user.auth.without_activity(); // clients also reconnect without their user
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(Live::new(user.user_id, user.auth.ended()))
}

/// For signed-in users only; everyone else is redirected to the login.
#[get("/account")]
async fn account(user: SignedIn, prefs: Session<Prefs>) -> HttpResponse {
    let layout = Layout {
        title: "Your account",
        notice: prefs.take_notice(),
        theme: prefs.theme(),
        signed_in: true,
    };
    layout.page(&pages::account(&user))
}

/// For administrators only; other users get a 403.
#[get("/admin")]
async fn admin(user: Admin, prefs: Session<Prefs>) -> HttpResponse {
    let layout = Layout {
        title: "Administration",
        notice: None,
        theme: prefs.theme(),
        signed_in: true,
    };
    layout.page(&pages::admin(user.user_id, user.auth.name()))
}

/// What a script of the page may know: the public fields and the expiry.
#[get("/me")]
async fn me(auth: Session<Auth>) -> HttpResponse {
    auth.without_activity(); // a script that asks is no activity of the user
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(auth.view())
}

/// An application would ask for the password here.
#[get("/confirm")]
async fn confirm_form(_: SignedIn, prefs: Session<Prefs>, to: ReturnTo) -> HttpResponse {
    let layout = Layout {
        title: "Confirm",
        notice: None,
        theme: prefs.theme(),
        signed_in: true,
    };
    layout.page(&pages::confirm(&to))
}

#[post("/confirm")]
async fn confirm(user: SignedIn, to: ReturnTo) -> HttpResponse {
    user.auth.reauthenticate();
    to.see_other_or("/confirm-needed")
}

/// For users who logged in or confirmed it in the last five minutes.
#[get("/confirm-needed")]
async fn confirm_needed(user: Confirmed, prefs: Session<Prefs>) -> HttpResponse {
    let layout = Layout {
        title: "Only after a confirmation",
        notice: None,
        theme: prefs.theme(),
        signed_in: true,
    };
    layout.page(&pages::confirmed(user.user_id))
}

#[post("/theme")]
async fn theme(prefs: Session<Prefs>, form: web::Form<ThemeForm>) -> HttpResponse {
    prefs.set_theme(form.theme.theme());
    see_other("/")
}

#[post("/basket")]
async fn basket(
    prefs: Session<Prefs>,
    form: web::Form<BasketForm>,
) -> Result<HttpResponse, EncodeError> {
    sessions::add_to_basket(&prefs, form.into_inner().item)?;
    Ok(see_other("/"))
}

#[post("/basket/clear")]
async fn clear_basket(prefs: Session<Prefs>) -> HttpResponse {
    prefs.clear_basket();
    see_other("/")
}

/// Returns both sessions as the server sees them.
#[get("/state")]
async fn state(auth: Session<Auth>, prefs: Session<Prefs>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(State::of(&auth, &prefs))
}

/// Takes no session, so none is decrypted, and caches can share the response.
#[get("/style.css")]
async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "public, max-age=60"))
        .body(include_str!("style.css"))
}

/// The notice for an expired login. The cookie is removed, so the notice appears once.
fn expiry(auth: &Session<Auth>) -> Option<Notice> {
    (auth.info().origin() == SessionOrigin::Expired).then(|| {
        auth.destroy();
        Notice::SessionExpired
    })
}

/// The notice for a login that was revoked, shown once. Only the page to which guards redirect shows
/// it; on all other pages, a revoked session is like none.
fn revocation(auth: &Session<Auth>) -> Option<Notice> {
    (auth.info().origin() == SessionOrigin::Revoked).then(|| {
        auth.destroy();
        Notice::SessionRevoked
    })
}

pub(crate) fn see_other(location: &'static str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, location))
        .finish()
}

/// Replaces a table of users: a hash (FNV-1a), so that a name has the same number in every process.
/// Two names may share a number.
fn user_id(name: &str) -> u64 {
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    u64::from(hash % 9000) + 1000
}
