//! A new password.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Form},
};
use secure_session::{Revocations, Session};
use serde::Deserialize;

use super::see_other;
use crate::{
    devices::Devices,
    error::AppError,
    pages,
    sessions::{Auth, AuthSelector, Prefs},
    signed_in::{SignedIn, User},
    users::Users,
};

const MIN_CHARS: usize = 8;

pub(super) async fn form(_: User, prefs: Session<Prefs>) -> HttpResponse {
    pages::page(StatusCode::OK, &prefs, &pages::password(""))
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    old: String,
    new: String,
}

/// Logs out all other devices: somebody else may know the old password.
pub(super) async fn set(
    User(SignedIn { user_id }, _): User,
    auth: Session<Auth>,
    prefs: Session<Prefs>,
    users: Data<Users>,
    devices: Data<Devices>,
    revocations: Data<Revocations>,
    form: Form<PasswordForm>,
) -> Result<HttpResponse, AppError> {
    let PasswordForm { old, new } = form.into_inner();
    if !users.has_password(user_id, old).await? {
        let body = pages::password("This is not your password.");
        return Ok(pages::page(StatusCode::FORBIDDEN, &prefs, &body));
    }
    if new.chars().count() < MIN_CHARS {
        let message = format!("The new password needs at least {MIN_CHARS} characters.");
        let body = pages::password(&message);
        return Ok(pages::page(StatusCode::UNPROCESSABLE_ENTITY, &prefs, &body));
    }
    users.set_password(user_id, new).await?;
    // The table has the id from before; `on_event` replaces it with the new one.
    let this_device = auth.info().id();
    auth.reauthenticate();
    let user = AuthSelector::UserId(user_id);
    revocations.revoke_others(&auth, user).await?;
    devices.remove_all(user_id, this_device);
    Ok(see_other("/account"))
}
