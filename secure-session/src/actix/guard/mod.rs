//! Guards: structs that a handler takes only if a session allows it.

mod require_guard;
pub(super) mod response;
mod return_to;

use std::{any::TypeId, time::Duration};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::{Extensions, ServiceRequest},
};

pub use self::{require_guard::RequireGuard, return_to::ReturnTo};

use super::{
    denial::{GuardRules, GuardUse, Verdict},
    denied::Denied,
    extract::SessionExt as _,
    request_sessions,
};
use crate::{
    log::event,
    session::{SecureSession, Session},
};

/// A struct that a handler takes only if a session allows it. Only `#[derive(SessionGuard)]`
/// implements it.
///
/// # Responses
///
/// The middleware responds to a request that a guard denies. The response depends on what sent the
/// request:
///
/// | Denied | a page load¹, GET or HEAD | a page load, other methods | htmx (`HX-Request`) | all else |
/// |---|---|---|---|---|
/// | not signed in | 303 to `login?next=…` | 303 to `login` | 401 with `HX-Redirect` to `login?next=…` | 401 `{"error":"not_signed_in"}`, `"session_expired"` or `"session_revoked"` |
/// | not confirmed | 303 to `confirm?next=…` | 303 to `confirm` | 401 with `HX-Redirect` to `confirm?next=…` | 401 `{"error":"confirmation_required","within":300}` |
/// | forbidden | 403 | 403 | 403 | 403 `{"error":"forbidden"}` |
///
/// ¹ `Sec-Fetch-Mode: navigate`, or `Accept` names `text/html` and there is neither `HX-Request` nor
/// `X-Requested-With`.
///
/// `next` is the path of the page, for [`ReturnTo`]. Without `login`, the last column applies to all
/// requests of the first row, and without `confirm` to those of the second, as it does to a `login`
/// page that is behind its own guard. All have `Cache-Control: no-store` and `Vary`; a 401 has
/// `WWW-Authenticate: Cookie`. htmx also marks requests with `HX-History-Restore-Request`.
/// [`denied`](crate::SessionMiddlewareBuilder::denied) replaces responses.
///
/// An error [`Denied`](crate::Denied) of the application itself, such as that of an extractor that
/// did not find the account, gets the same response as one of the last guard that let the request in.
pub trait SessionGuard: FromRequest<Error = Denied> + 'static {
    /// The session that the guard reads.
    type Session: SecureSession;

    #[doc(hidden)]
    const __RULES: GuardRules;

    /// Returns the guard if the session allows it.
    #[doc(hidden)]
    fn __take(session: &Session<Self::Session>) -> Result<Self, Verdict>;

    /// Makes a middleware that closes a scope: only requests that the guard lets in reach its
    /// routes, including routes that are added later.
    ///
    /// Wrap the scope inside of [`SessionMiddleware`](crate::SessionMiddleware).
    ///
    /// # Security
    ///
    /// CORS preflight requests pass, because they carry no cookies: `OPTIONS` with `Origin` and
    /// `Access-Control-Request-Method`. Anyone can send such a request, so a handler that responds to
    /// every method (`web::to`, `default_service`) runs without a session. Let it take the guard, or
    /// name its methods (`web::get()`).
    ///
    /// # Examples
    ///
    /// ```
    /// use actix_web::{App, web};
    /// use secure_session::{SecureSession, SessionGuard};
    ///
    /// #[derive(SecureSession)]
    /// struct Auth { user_id: Option<u64> }
    ///
    /// #[derive(SessionGuard)]
    /// #[guard(Auth, login = "/login")]
    /// struct SignedIn { user_id: u64 }
    ///
    /// let account = web::scope("/account")
    ///     .wrap(SignedIn::required())
    ///     .route("", web::get().to(|user: SignedIn| async move { user.user_id.to_string() }));
    /// ```
    #[must_use]
    fn required() -> RequireGuard<Self> {
        RequireGuard::new()
    }
}

/// Returns the guard, or why the request is denied.
#[doc(hidden)]
pub fn extract<G: SessionGuard>(request: &HttpRequest) -> Result<G, Denied> {
    let decided = decide::<G>(&request.session()?);
    record(&request.extensions(), &decided);
    decided
}

/// Does the same as [`extract`] before the request is routed.
fn extract_early<G: SessionGuard>(request: &ServiceRequest) -> Result<G, Denied> {
    let decided = decide::<G>(&request.session()?);
    record(&request.extensions(), &decided);
    decided
}

/// Records the decision for the response.
fn record<G: SessionGuard>(extensions: &Extensions, decided: &Result<G, Denied>) {
    let verdict = match decided {
        Ok(_) => None,
        Err(Denied::NotSignedIn { .. }) => Some(Verdict::NotSignedIn),
        Err(Denied::Stale { .. }) => Some(Verdict::Stale),
        Err(_) => Some(Verdict::Forbidden),
    };
    if let Some(sessions) = request_sessions::find(extensions) {
        sessions.record_guard(GuardUse {
            verdict,
            rules: const { &G::__RULES },
            session: TypeId::of::<G::Session>(),
        });
    }
}

/// Returns the guard for a session, or why it is denied.
pub(crate) fn decide<G: SessionGuard>(session: &Session<G::Session>) -> Result<G, Denied> {
    G::__take(session).map_err(|verdict| {
        let denied = match verdict {
            Verdict::NotSignedIn => Denied::NotSignedIn {
                origin: session.info().origin(),
            },
            Verdict::Forbidden => Denied::Forbidden,
            Verdict::Stale => Denied::Stale {
                confirmed_within: Duration::from_secs(G::__RULES.within.unwrap_or_default()),
            },
        };
        event!(
            debug,
            "session.denied",
            session = session.cookie_name(),
            guard = G::__RULES.name,
            %denied,
            "the guard denies the request"
        );
        denied
    })
}
