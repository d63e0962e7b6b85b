//! The service around each request: attaches sessions to the request and applies their changes to
//! the response.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
};

use actix_service::{Service, forward_ready};
use actix_web::{
    Error, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
};
use pin_project_lite::pin_project;

use super::{
    registry::Registry,
    request_sessions::{self, RequestSessions},
    response_headers::{SessionHeaders, vary_by_cookie},
};
use crate::session::ResponseEffects;

/// The service that [`SessionMiddleware`](super::SessionMiddleware) wraps around another one.
pub struct SessionService<S> {
    service: S,
    registry: Arc<Registry>,
}

impl<S> SessionService<S> {
    pub(super) fn new(service: S, registry: Arc<Registry>) -> Self {
        Self { service, registry }
    }
}

impl<S> fmt::Debug for SessionService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService")
            .field("sessions", &self.registry)
            .finish_non_exhaustive()
    }
}

impl<S, B> Service<ServiceRequest> for SessionService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = SessionResponse<S::Future>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let sessions = request_sessions::attach(&self.registry, &request);
        SessionResponse {
            response: self.service.call(request),
            sessions,
        }
    }
}

pin_project! {
    /// The future of a response, to which the changes of sessions are applied.
    pub struct SessionResponse<F> {
        #[pin]
        response: F,
        // `None` in a nested middleware, because the outermost one closes all sessions.
        sessions: Option<Rc<RequestSessions>>,
    }
}

impl<F, B> Future for SessionResponse<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.response.poll(context));
        Poll::Ready(match this.sessions.take() {
            None => response.map(ServiceResponse::map_into_left_body),
            Some(sessions) => apply_to_response(response, &sessions),
        })
    }
}

impl<F> fmt::Debug for SessionResponse<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionResponse").finish_non_exhaustive()
    }
}

/// Closes the sessions and adds their effects to the response, including the response of an error.
fn apply_to_response<B: MessageBody>(
    mut response: Result<ServiceResponse<B>, Error>,
    sessions: &RequestSessions,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let mut effects = ResponseEffects::default();
    sessions.close(&mut effects);
    if !effects.opened {
        return response.map(ServiceResponse::map_into_left_body);
    }
    if effects.sends_nothing()
        && let Ok(unchanged) = &mut response
    {
        vary_by_cookie(unchanged.headers_mut());
        return response.map(ServiceResponse::map_into_left_body);
    }
    let mut headers = SessionHeaders::of(effects);
    let registry = sessions.registry();
    if let Ok(response) = &response
        && !registry.insecure_cookie.is_settled()
        && headers.set_secure()
    {
        let name = || headers.secure_cookie();
        (registry.insecure_cookie).secure_cookie_is_set(response.request(), name);
    }
    match response {
        Ok(response) if headers.failed() => {
            let mut error = response.into_response(internal_error());
            headers.write(error.headers_mut(), &registry.override_reported);
            Ok(error.map_into_right_body())
        }
        Ok(mut response) => {
            headers.write(response.headers_mut(), &registry.override_reported);
            Ok(response.map_into_left_body())
        }
        Err(mut err) => {
            let registry = Arc::clone(registry);
            err.add_response_mapper(move |response| {
                let mut headers = headers.clone();
                let mut response = if headers.failed() {
                    internal_error()
                } else {
                    response
                };
                headers.write(response.headers_mut(), &registry.override_reported);
                response
            });
            Err(err)
        }
    }
}

/// Returns an empty 500, so that clients learn nothing about the error.
fn internal_error() -> HttpResponse {
    HttpResponse::InternalServerError().finish()
}
