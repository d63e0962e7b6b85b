//! Extractors that decide who may see a page.

use std::{
    fmt,
    future::{Ready, ready},
    time::Duration,
};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError, dev::Payload, error, http::StatusCode,
    web::Data,
};
use secure_session::SessionExt;

use crate::{
    routes::see_other,
    sessions::Auth,
    users::{Account, Users},
};

/// How long a password counts as recently entered.
pub(crate) const RECENTLY: Duration = Duration::from_secs(5 * 60);

/// The signed-in user; anyone else is redirected to the login.
///
/// Each request looks up the account, so a deleted account is signed in nowhere.
pub(crate) struct User(pub(crate) Account);

impl User {
    fn of(request: &HttpRequest) -> Result<Self, actix_web::Error> {
        let auth = request.session::<Auth>()?;
        let users = request
            .app_data::<Data<Users>>()
            .ok_or_else(|| error::ErrorInternalServerError(""))?;
        let account = auth.user_id().and_then(|id| users.by_id(id));
        Ok(Self(account.ok_or(Elsewhere::Login)?))
    }
}

impl FromRequest for User {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// The signed-in user, who entered the password recently; otherwise the user has to confirm it.
pub(crate) struct ConfirmedUser(pub(crate) Account);

impl ConfirmedUser {
    fn of(request: &HttpRequest) -> Result<Self, actix_web::Error> {
        let User(account) = User::of(request)?;
        let auth = request.session::<Auth>()?;
        if !auth.info().authenticated_within(RECENTLY) {
            return Err(Elsewhere::Confirm.into());
        }
        Ok(Self(account))
    }
}

impl FromRequest for ConfirmedUser {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// Where to redirect a visitor who may not see the page.
#[derive(Clone, Copy, Debug)]
enum Elsewhere {
    Confirm,
    Login,
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Confirm => "the password must be confirmed",
            Self::Login => "nobody is signed in",
        })
    }
}

impl ResponseError for Elsewhere {
    fn status_code(&self) -> StatusCode {
        StatusCode::SEE_OTHER
    }

    fn error_response(&self) -> HttpResponse {
        see_other(match self {
            Self::Confirm => "/confirm",
            Self::Login => "/login",
        })
    }
}
