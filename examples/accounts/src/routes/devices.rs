//! The devices of a user.

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
    sessions::{Auth, Prefs},
    signed_in::{SignedIn, User},
};

pub(super) async fn list(
    User(SignedIn { user_id }, _): User,
    auth: Session<Auth>,
    prefs: Session<Prefs>,
    devices: Data<Devices>,
) -> Result<HttpResponse, AppError> {
    let devices = devices.of(user_id).await?;
    let body = pages::devices(&devices, auth.info().id());
    Ok(pages::page(StatusCode::OK, &prefs, &body))
}

#[derive(Deserialize)]
pub(super) struct EndForm {
    device: u64,
}

pub(super) async fn end(
    User(SignedIn { user_id }, _): User,
    devices: Data<Devices>,
    revocations: Data<Revocations>,
    form: Form<EndForm>,
) -> Result<HttpResponse, AppError> {
    // Among the user's own, because anyone can send any id.
    let mut own = devices.of(user_id).await?.into_iter();
    let Some(device) = own.find(|device| device.id == form.device) else {
        return Ok(HttpResponse::NotFound().finish());
    };
    revocations.revoke_session::<Auth>(device.session).await?;
    devices.remove(device.session); // `on_event` only reports what `Session` ends
    Ok(see_other("/devices"))
}
