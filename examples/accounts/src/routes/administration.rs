//! The pages of administrators.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use secure_session::{Revocations, Session};

use super::see_other;
use crate::{
    administrator::Administrator,
    devices::Devices,
    error::AppError,
    pages,
    sessions::{AuthSelector, Prefs},
    users::Users,
};

pub(super) async fn users(
    _: Administrator,
    prefs: Session<Prefs>,
    users: Data<Users>,
) -> Result<HttpResponse, AppError> {
    let body = pages::users(&users.all().await?);
    Ok(pages::page(StatusCode::OK, &prefs, &body))
}

/// Logs out a user everywhere, and refuses further logins.
pub(super) async fn block(
    _: Administrator,
    id: Path<u64>,
    users: Data<Users>,
    devices: Data<Devices>,
    revocations: Data<Revocations>,
) -> Result<HttpResponse, AppError> {
    let id = id.into_inner();
    // First, so that later logins fail. `Users::account` refuses one that is under way.
    if !users.block(id).await? {
        return Ok(HttpResponse::NotFound().finish());
    }
    revocations.revoke_all(AuthSelector::UserId(id)).await?;
    devices.remove_all(id, None);
    Ok(see_other("/users"))
}
