//! Who may see a page, and where everyone else goes.
//!
//! Guards decide by the session alone. [`User`] is an extractor on top of a guard, which also loads
//! the account, so handlers see it as it is in the database.
//!
//! The code between the two comments `Plumbing` is what an application writes for this: 20 lines,
//! without blank ones and comments. A test counts them. The rest is the database's part. Redirects,
//! `HX-Redirect` and JSON responses are the middleware's; the page to return to is the parameter
//! [`ReturnTo`](secure_session::ReturnTo) of the handlers of the login and the confirmation.

use std::pin::Pin;

use actix_web::{Error, FromRequest, HttpRequest, dev::Payload, web::Data};
use secure_session::{Denied, SessionExt as _, SessionGuard};

use crate::{
    error::AppError,
    sessions::Auth,
    users::{Account, Users},
};

// Plumbing: begin

/// A signed-in user. Page loads of others are redirected to the login.
#[derive(SessionGuard)]
#[guard(Auth, login = "/login")]
pub(crate) struct SignedIn {
    pub(crate) user_id: u64,
}

/// A signed-in user who entered the password in the last five minutes. Others have to confirm it.
#[derive(SessionGuard)]
#[guard(Auth, login = "/login", within = "5m", confirm = "/confirm")]
pub(crate) struct Confirmed {
    pub(crate) user_id: u64,
}

/// The account of a user whom the guard `G` lets in. A deleted or blocked account is signed in
/// nowhere.
pub(crate) struct User<G = SignedIn>(pub(crate) G, pub(crate) Account);

pub(crate) type ConfirmedUser = User<Confirmed>;

impl<G: FromRequest<Error = Denied> + 'static> FromRequest for User<G> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (guard, account) = (G::from_request(request, payload), load(request.clone()));
        // The guard is first, so requests that it denies don't reach the database.
        Box::pin(async move { Ok(Self(guard.await?, account.await?)) })
    }
}

// Plumbing: end

/// Loads the account of the signed-in user from the database.
async fn load(request: HttpRequest) -> Result<Account, Error> {
    let auth = request.session::<Auth>()?;
    let users = request.app_data::<Data<Users>>();
    let users = users.ok_or(AppError::NotRegistered)?;
    let account = match auth.user_id() {
        Some(id) => users.account(id).await?,
        None => None,
    };
    // A deleted or blocked account. The middleware responds as if the guard had denied the request.
    let origin = auth.info().origin();
    account.ok_or_else(|| Denied::NotSignedIn { origin }.into())
}
