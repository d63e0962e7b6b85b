//! The origin check as a middleware, for routes without a session.

use std::{fmt, sync::Arc};

use actix_service::{Service, Transform, forward_ready};
use actix_web::{
    Error,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
};

use super::{OriginSettings, Refusal, can_change_something, judge, refused};
use crate::{actix::refusable::Refusable, error::ConfigError, policy::CrossOrigin};

/// A middleware that refuses requests from other origins, for routes that use no session.
///
/// Every [`Session`](crate::Session) already has this check ([`CrossOrigin`]). Use this middleware
/// for routes whose requests browsers authenticate in another way, such as HTTP authentication or
/// client certificates. A refused request gets an empty 403 and does not reach the route.
///
/// # Security
///
/// It does not protect a server that trusts its network: a page can point its own host name at the
/// server (DNS rebinding), and then has the same origin. Such a server must also check `Host`.
///
/// # Examples
///
/// ```
/// use actix_web::{App, web};
/// use secure_session::SameOrigin;
///
/// let app = App::new().service(
///     web::scope("/admin")
///         .wrap(SameOrigin::new())
///         .route("/restart", web::post().to(|| async { "restarting" })),
/// );
/// ```
#[derive(Clone)]
pub struct SameOrigin {
    settings: Arc<Settings>,
}

struct Settings {
    mode: CrossOrigin,
    origin: OriginSettings,
}

impl SameOrigin {
    /// Makes a middleware that trusts no other origin.
    #[must_use]
    pub fn new() -> Self {
        Self::of(CrossOrigin::Refuse, OriginSettings::default())
    }

    /// Makes a builder, to trust other origins.
    pub fn builder() -> SameOriginBuilder {
        SameOriginBuilder {
            mode: CrossOrigin::Refuse,
            trusted: Vec::new(),
            report_only: false,
        }
    }

    fn of(mode: CrossOrigin, origin: OriginSettings) -> Self {
        Self {
            settings: Arc::new(Settings { mode, origin }),
        }
    }
}

impl Default for SameOrigin {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SameOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SameOrigin")
            .field("mode", &self.settings.mode)
            .field("trusted", &self.settings.origin.trusted)
            .finish_non_exhaustive()
    }
}

/// Builds a [`SameOrigin`].
///
/// # Examples
///
/// ```
/// use secure_session::{SameOrigin, policy::CrossOrigin};
///
/// let same_origin = SameOrigin::builder()
///     .trusted_origin("https://app.example.com")
///     .cross_origin(CrossOrigin::Strict)
///     .build()?;
/// # Ok::<(), secure_session::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "call `build()` to get the middleware"]
pub struct SameOriginBuilder {
    mode: CrossOrigin,
    trusted: Vec<String>,
    report_only: bool,
}

impl SameOriginBuilder {
    /// Trusts another origin. Behind a proxy that replaces `Host`, name the application's own
    /// origin. See
    /// [`SessionMiddlewareBuilder::trusted_origin`](crate::SessionMiddlewareBuilder::trusted_origin).
    pub fn trusted_origin(mut self, origin: impl Into<String>) -> Self {
        self.trusted.push(origin.into());
        self
    }

    /// Sets which requests from other origins pass. Default: [`CrossOrigin::Refuse`].
    pub fn cross_origin(mut self, mode: CrossOrigin) -> Self {
        self.mode = mode;
        self
    }

    /// Lets all requests pass, and only logs those that would be refused.
    pub fn cross_origin_report_only(mut self) -> Self {
        self.report_only = true;
        self
    }

    /// Checks the origins and builds the middleware.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with a sentence for each invalid origin.
    pub fn build(self) -> Result<SameOrigin, ConfigError> {
        let origin = OriginSettings::new(&self.trusted, self.report_only);
        let origin = origin.map_err(ConfigError::new)?;
        Ok(SameOrigin::of(self.mode, origin))
    }
}

impl<S, B> Transform<S, ServiceRequest> for SameOrigin
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = SameOriginService<S>;
    type InitError = ();
    type Future = std::future::Ready<Result<Self::Transform, Self::InitError>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let settings = Arc::clone(&self.settings);
        std::future::ready(Ok(SameOriginService { service, settings }))
    }
}

/// The service that [`SameOrigin`] wraps around another one.
pub struct SameOriginService<S> {
    service: S,
    settings: Arc<Settings>,
}

impl<S> SameOriginService<S> {
    fn passes(&self, request: &ServiceRequest) -> bool {
        let Settings { mode, origin } = &*self.settings;
        let (head, is_tls) = (request.head(), request.app_config().secure());
        if !can_change_something(head) {
            return true;
        }
        let Err(cause) = judge(head, is_tls, *mode, &origin.trusted) else {
            return true;
        };
        let refusal = Refusal {
            cause,
            session: None,
            head,
            is_tls,
            report_only: origin.report_only,
        };
        refusal.report(&origin.reports, &|| request.match_pattern());
        origin.report_only
    }
}

impl<S> fmt::Debug for SameOriginService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SameOriginService").finish_non_exhaustive()
    }
}

impl<S, B> Service<ServiceRequest> for SameOriginService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Refusable<S::Future>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        if self.passes(&request) {
            Refusable::passed(self.service.call(request))
        } else {
            Refusable::refused(request.into_response(refused()))
        }
    }
}
