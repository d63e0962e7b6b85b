//! Who may see the pages of administrators.

use std::pin::Pin;

use actix_web::{Error, FromRequest, HttpRequest, dev::Payload};
use secure_session::Denied;

use crate::signed_in::{SignedIn, User};

/// An administrator is signed in. Other users get a 403.
///
/// The database decides, not the session: a role in a session stays as it was at the login.
pub(crate) struct Administrator;

impl FromRequest for Administrator {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let user = User::<SignedIn>::from_request(request, payload);
        Box::pin(async move {
            let User(_, account) = user.await?;
            if account.is_admin {
                Ok(Self)
            } else {
                Err(Denied::Forbidden.into())
            }
        })
    }
}
