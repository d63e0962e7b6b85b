//! Who may see a page: a handler says it by what it takes.

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

/// How long a password counts as just given.
pub(crate) const RECENTLY: Duration = Duration::from_secs(5 * 60);

/// The signed-in user; everybody else is sent to the login.
///
/// The table is asked at each request, so an account that is gone is signed in nowhere.
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

/// The signed-in user, who has just given the password; who has not is asked for it.
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

/// Where somebody goes who does not see the page.
#[derive(Clone, Copy, Debug)]
enum Elsewhere {
    Confirm,
    Login,
}

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Confirm => "the password has to be confirmed",
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
