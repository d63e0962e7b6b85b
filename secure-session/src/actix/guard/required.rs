//! A guard as a middleware.

use std::{fmt, marker::PhantomData};

use actix_service::{Service, Transform, forward_ready};
use actix_web::{
    Error,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{Method, header::ACCESS_CONTROL_REQUEST_METHOD},
};

use super::{SessionGuard, extract_early};
use crate::actix::refusable::Refusable;

/// The middleware of [`SessionGuard::required`].
pub struct Required<G>(PhantomData<fn() -> G>);

impl<G> Required<G> {
    pub(super) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<G> Clone for Required<G> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<G> fmt::Debug for Required<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Required").finish_non_exhaustive()
    }
}

impl<G, S, B> Transform<S, ServiceRequest> for Required<G>
where
    G: SessionGuard,
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = RequiredService<G, S>;
    type InitError = ();
    type Future = std::future::Ready<Result<Self::Transform, Self::InitError>>;

    fn new_transform(&self, service: S) -> Self::Future {
        std::future::ready(Ok(RequiredService {
            service,
            guard: PhantomData,
        }))
    }
}

/// The service that [`Required`] wraps around another one.
pub struct RequiredService<G, S> {
    service: S,
    guard: PhantomData<fn() -> G>,
}

impl<G, S> fmt::Debug for RequiredService<G, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequiredService").finish_non_exhaustive()
    }
}

impl<G, S, B> Service<ServiceRequest> for RequiredService<G, S>
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
    request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}
