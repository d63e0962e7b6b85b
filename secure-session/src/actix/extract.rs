//! Access to sessions from handlers, guards and other middleware.

use std::{
    fmt,
    future::{Future, Ready, ready},
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::{Extensions, Payload, RequestHead, ServiceRequest, ServiceResponse},
    guard::GuardContext,
};

use super::{
    cross_origin::Route,
    extract_error::ExtractError,
    request_sessions::{self, LookupError, NotServed},
};
use crate::{
    log::{event, event_or_stderr},
    session::{SecureSession, Session},
};

/// Adds `session()` to requests, responses and guard contexts, for code without extractors.
///
/// All calls and extractors in a request return the same session.
///
/// # Examples
///
/// ```
/// use actix_web::{HttpRequest, guard::{Guard, GuardContext}};
/// use secure_session::{ExtractError, SecureSession, SessionExt};
///
/// #[derive(SecureSession)]
/// struct Auth { user_id: Option<u64> }
///
/// struct SignedIn;
///
/// impl Guard for SignedIn {
///     fn check(&self, context: &GuardContext<'_>) -> bool {
///         context.session::<Auth>().is_ok_and(|auth| auth.user_id().is_some())
///     }
/// }
///
/// fn user(request: &HttpRequest) -> Result<Option<u64>, ExtractError> {
///     Ok(request.session::<Auth>()?.user_id())
/// }
/// ```
pub trait SessionExt {
    /// Returns the session of this type. It is decrypted on first use.
    ///
    /// # Errors
    ///
    /// [`ExtractError`] if the request comes from another origin, or if no middleware around the
    /// route has the type.
    fn session<T: SecureSession>(&self) -> Result<Session<T>, ExtractError>;
}

impl SessionExt for HttpRequest {
    fn session<T: SecureSession>(&self) -> Result<Session<T>, ExtractError> {
        find(&self.extensions(), self.head(), &|| self.match_pattern())
    }
}

impl SessionExt for ServiceRequest {
    fn session<T: SecureSession>(&self) -> Result<Session<T>, ExtractError> {
        find(&self.extensions(), self.head(), &|| self.match_pattern())
    }
}

/// Outside the middleware, the sessions of a response are closed: reads work; writes have no effect
/// and log an error.
impl<B> SessionExt for ServiceResponse<B> {
    fn session<T: SecureSession>(&self) -> Result<Session<T>, ExtractError> {
        self.request().session()
    }
}

impl SessionExt for GuardContext<'_> {
    fn session<T: SecureSession>(&self) -> Result<Session<T>, ExtractError> {
        find(&self.req_data(), self.head(), &|| None)
    }
}

impl<T: SecureSession> FromRequest for Session<T> {
    type Error = ExtractError;
    type Future = ExtractSession<T>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ExtractSession(ready(request.session()))
    }
}

/// The future of the extractor [`Session`].
pub struct ExtractSession<T: SecureSession>(Ready<Result<Session<T>, ExtractError>>);

impl<T: SecureSession> Future for ExtractSession<T> {
    type Output = Result<Session<T>, ExtractError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T: SecureSession> Unpin for ExtractSession<T> {}

impl<T: SecureSession> fmt::Debug for ExtractSession<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExtractSession(..)")
    }
}

fn find<T: SecureSession>(
    extensions: &Extensions,
    head: &RequestHead,
    route: Route<'_>,
) -> Result<Session<T>, ExtractError> {
    let found = match request_sessions::find(extensions) {
        Some(sessions) => sessions.get(head, route),
        None => Err(NotServed::Middleware.into()),
    };
    let session = T::SCHEMA.type_name;
    found.map_err(|err| match err {
        LookupError::CrossOrigin => ExtractError::CrossOrigin { session },
        #[cfg(feature = "revocation")]
        LookupError::Unavailable { retry_after } => ExtractError::Unavailable {
            session,
            retry_after,
        },
        LookupError::NotServed(reason) => {
            report::<T>(reason);
            ExtractError::NotRegistered { session }
        }
    })
}

/// Logs the missing call.
fn report<T: SecureSession>(reason: NotServed) {
    let session_type = T::SCHEMA.type_name;
    let path = std::any::type_name::<T>();
    match reason {
        NotServed::Middleware => {
            let text = format!(
                "no SessionMiddleware around this route: build it once with `let sessions = \
                 SessionMiddleware::builder(keys).session::<{path}>().build()?` and add \
                 `.wrap(sessions.clone())` to the App or scope; if it is already there and another \
                 middleware, such as a guard's `required()`, uses the session, write that \
                 middleware's `.wrap(…)` first, because the last `.wrap` runs first"
            );
            event_or_stderr!(
                session_type,
                "session.no_middleware",
                text,
                session_type,
                "{text}"
            );
        }
        NotServed::Registration => {
            let text = format!(
                "session type not registered: add `.session::<{path}>()` to \
                 `SessionMiddleware::builder(…)`"
            );
            event_or_stderr!(
                session_type,
                "session.not_registered",
                text,
                session_type,
                "{text}"
            );
        }
        #[cfg(feature = "fastify")]
        NotServed::KeyShared => event!(
            error,
            "session.key_shared",
            session_type,
            "session type not served: an outer SessionMiddleware has a session in the fastify \
             format with the same key, so the cookie of one would be accepted as the other; give \
             `{path}` its own keys, or call `dangerously_share_keys()`"
        ),
        NotServed::NameTaken => event!(
            error,
            "session.name_taken",
            session_type,
            "session type not served: an outer SessionMiddleware already uses the name of its \
             cookie or of one of its legacy cookies; choose another name with `cookie`, or remove \
             the call that names the legacy cookie, and keep `.session::<{path}>()`"
        ),
    }
}
