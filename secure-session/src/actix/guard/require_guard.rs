//! A guard as a middleware.

use std::{fmt, marker::PhantomData};

use actix_service::{Service, Transform, forward_ready};
use actix_web::{
    Error,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN},
    },
};

use super::{SessionGuard, extract_early};
use crate::actix::refusable::Refusable;

/// The middleware of [`SessionGuard::required`].
pub struct RequireGuard<G>(PhantomData<fn() -> G>);

impl<G> RequireGuard<G> {
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<G> Clone for RequireGuard<G> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<G> fmt::Debug for RequireGuard<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireGuard").finish_non_exhaustive()
    }
}

impl<G, S, B> Transform<S, ServiceRequest> for RequireGuard<G>
where
    G: SessionGuard,
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = RequireGuardService<G, S>;
    type InitError = ();
    type Future = std::future::Ready<Result<Self::Transform, Self::InitError>>;

    fn new_transform(&self, service: S) -> Self::Future {
        std::future::ready(Ok(RequireGuardService {
            service,
            guard: PhantomData,
        }))
    }
}

/// The service that [`RequireGuard`] wraps around another one.
pub struct RequireGuardService<G, S> {
    service: S,
    guard: PhantomData<fn() -> G>,
}

impl<G, S> fmt::Debug for RequireGuardService<G, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequireGuardService")
            .finish_non_exhaustive()
    }
}

impl<G, S, B> Service<ServiceRequest> for RequireGuardService<G, S>
where
    G: SessionGuard,
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Refusable<S::Future>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        if is_preflight(&request) {
            return Refusable::passed(self.service.call(request));
        }
        match extract_early::<G>(&request) {
            Ok(_) => Refusable::passed(self.service.call(request)),
            Err(denied) => Refusable::refused(request.error_response(denied)),
        }
    }
}

/// Returns true for a CORS preflight request (Fetch §3.3.2), which carries no cookies.
fn is_preflight(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}
