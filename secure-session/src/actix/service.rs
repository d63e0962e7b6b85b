//! The service around each request: attaches sessions to the request and applies their changes to
//! the response.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{Context, Poll, ready},
};

use actix_service::{Service, forward_ready};
use actix_web::{
    Error, HttpMessage as _, HttpRequest, HttpResponse, ResponseError as _,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::HeaderMap,
};
#[cfg(feature = "revocation")]
use std::{collections::VecDeque, mem, time::Duration};

#[cfg(feature = "revocation")]
use actix_web::rt::time::timeout;
use pin_project_lite::pin_project;

use super::{
    denial::Verdict,
    denied::Denied,
    extract_error::ExtractError,
    guard::response::{Denial, keep_headers, respond},
    registry::Registry,
    request_sessions::{self, RequestSessions},
    response_headers::{SessionHeaders, vary_by_cookie},
};
use crate::session::ResponseEffects;
#[cfg(feature = "revocation")]
use crate::{
    revocation::STORE_WAIT,
    session::{Append, Unavailable},
};

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
    type Future = SessionResponse<S::Future, B>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let sessions = match request_sessions::attach(&self.registry, &request) {
            Some(sessions) => Attached::Outermost { sessions },
            None => Attached::Nested {
                registry: Arc::clone(&self.registry),
            },
        };
        SessionResponse {
            response: self.service.call(request),
            sessions: Some(sessions),
            #[cfg(feature = "revocation")]
            waiting: None,
            body: PhantomData,
        }
    }
}

#[cfg(not(feature = "revocation"))]
pin_project! {
    /// The future of a response, to which the changes of sessions are applied.
    pub struct SessionResponse<F, B> {
        #[pin]
        response: F,
        // `None` after the response.
        sessions: Option<Attached>,
        body: PhantomData<fn() -> B>,
    }
}

#[cfg(feature = "revocation")]
pin_project! {
    /// The future of a response, to which the changes of sessions are applied.
    pub struct SessionResponse<F, B> {
        #[pin]
        response: F,
        // `None` after the response.
        sessions: Option<Attached>,
        // A response that revokes a session waits for the store. Few do, so it is boxed.
        waiting: Option<Box<Waiting<B>>>,
        body: PhantomData<fn() -> B>,
    }
}

/// A response that waits for the store.
#[cfg(feature = "revocation")]
struct Waiting<B> {
    recorded: Pin<Box<dyn Future<Output = ()>>>,
    response: Result<ServiceResponse<B>, Error>,
    replacement: Option<HttpResponse>,
    sessions: Rc<RequestSessions>,
    effects: ResponseEffects,
}

type Sent<B> = Result<ServiceResponse<EitherBody<B>>, Error>;

enum Attached {
    /// The outermost middleware closes all sessions.
    Outermost {
        sessions: Rc<RequestSessions>,
    },
    Nested {
        registry: Arc<Registry>,
    },
}

impl Attached {
    fn registry(&self) -> &Registry {
        match self {
            Self::Outermost { sessions } => sessions.registry(),
            Self::Nested { registry } => registry,
        }
    }

    /// Returns true if this middleware responds to the denial: it serves the session, or there is no
    /// other one around it.
    fn responds_to(&self, denied: &Denied, denial: Option<&Denial>) -> bool {
        let Self::Nested { registry } = self else {
            return true;
        };
        let mut sessions = registry.sessions.iter();
        match (denied, denial) {
            (_, Some(denial)) => sessions.any(|session| session.type_id == denial.session),
            (
                Denied::Session(
                    ExtractError::CrossOrigin { session: name }
                    | ExtractError::Unavailable { session: name, .. },
                ),
                None,
            ) => sessions.any(|session| session.type_name == *name),
            _ => false,
        }
    }
}

impl<F, B> Future for SessionResponse<F, B>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Sent<B>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.as_mut().project();
        #[cfg(feature = "revocation")]
        if let Some(mut waiting) = this.waiting.take() {
            return match waiting.recorded.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(waiting.sent()),
                Poll::Pending => {
                    *this.waiting = Some(waiting);
                    Poll::Pending
                }
            };
        }
        let mut response = ready!(this.response.poll(context));
        let Some(attached) = this.sessions.take() else {
            return Poll::Ready(response.map(ServiceResponse::map_into_left_body));
        };
        let mut replacement = match &response {
            Ok(response) if response.response().error().is_some() => {
                replacement_of(response, &attached)
            }
            _ => None,
        };
        if let Attached::Outermost { sessions } = attached {
            let mut effects = ResponseEffects::default();
            sessions.close(&mut effects);
            #[cfg(feature = "revocation")]
            if !effects.appends.is_empty() {
                *this.waiting = Some(Box::new(Waiting {
                    recorded: Box::pin(recorded(mem::take(&mut effects.appends))),
                    response,
                    replacement,
                    sessions,
                    effects,
                }));
                return self.poll(context);
            }
            apply_to_response(&mut response, &mut replacement, &sessions, effects);
        }
        Poll::Ready(response.map(|response| replaced(response, replacement)))
    }
}

#[cfg(feature = "revocation")]
impl<B> Waiting<B> {
    fn sent(mut self) -> Sent<B> {
        let (response, replacement) = (&mut self.response, &mut self.replacement);
        apply_to_response(response, replacement, &self.sessions, self.effects);
        self.response
            .map(|response| replaced(response, self.replacement))
    }
}

/// The thread's own timers come first.
#[cfg(feature = "revocation")]
const LENIENCY: Duration = Duration::from_millis(50);

/// Waits until the store has what the response revokes.
#[cfg(feature = "revocation")]
async fn recorded(appends: Vec<Append>) {
    // All wait at the same time.
    let waiting: Vec<_> = appends.iter().map(Append::recorded).collect();
    let mut left: VecDeque<_> = appends.iter().collect();
    let wait_for_all = async {
        for recorded in waiting {
            let append = left.pop_front();
            if recorded.await.is_err()
                && let Some(append) = append
            {
                append.report_not_recorded();
            }
        }
    };
    // A store that blocks the thread of the timers must not block the response.
    let is_over = timeout(STORE_WAIT.saturating_add(LENIENCY), wait_for_all).await;
    if is_over.is_err() {
        for append in left {
            append.report_not_recorded();
        }
    }
}

impl<F, B> fmt::Debug for SessionResponse<F, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionResponse").finish_non_exhaustive()
    }
}

/// Returns the response to the error of a guard or a session extractor, which depends on the
/// request and on the application. `None` keeps the response.
#[cold]
fn replacement_of<B>(response: &ServiceResponse<B>, attached: &Attached) -> Option<HttpResponse> {
    let denied = response.response().error().and_then(denied_of)?;
    let request = response.request();
    let denial = denial_of(&denied, request);
    if !attached.responds_to(&denied, denial.as_ref()) {
        return None;
    }
    let own = attached.registry().denied.as_ref();
    let replacement = own
        .and_then(|respond| respond(&denied, request))
        .or_else(|| default_response(&denied, denial.as_ref(), request))?;
    Some(keep_headers(response.headers(), replacement))
}

fn denied_of(error: &Error) -> Option<Denied> {
    let of_session = || error.as_error::<ExtractError>().copied().map(Denied::from);
    error.as_error::<Denied>().cloned().or_else(of_session)
}

/// Returns the guard that the denial is about. `None` for a session that is not available.
fn denial_of(denied: &Denied, request: &HttpRequest) -> Option<Denial> {
    let verdict = match denied {
        Denied::NotSignedIn { .. } => Verdict::NotSignedIn,
        Denied::Stale { .. } => Verdict::Stale,
        Denied::Forbidden => Verdict::Forbidden,
        Denied::Session(_) | Denied::NotStored(_) => return None,
    };
    let extensions = request.extensions();
    let (guard, cookie) = request_sessions::find(&extensions)?.guard_of(verdict)?;
    Some(Denial {
        verdict,
        rules: guard.rules,
        session: guard.session,
        cookie,
    })
}

/// Returns the response of the table. `None` keeps the empty one of a session extractor.
fn default_response(
    denied: &Denied,
    denial: Option<&Denial>,
    request: &HttpRequest,
) -> Option<HttpResponse> {
    if matches!(denied, Denied::Session(_) | Denied::NotStored(_)) {
        return None;
    }
    let extensions = request.extensions();
    let outermost = Arc::clone(request_sessions::find(&extensions)?.registry());
    drop(extensions);
    Some(respond(denied, denial, request, &outermost))
}

#[inline]
fn replaced<B>(
    response: ServiceResponse<B>,
    replacement: Option<HttpResponse>,
) -> ServiceResponse<EitherBody<B>> {
    match replacement {
        None => response.map_into_left_body(),
        Some(replacement) => response.into_response(replacement).map_into_right_body(),
    }
}

/// Adds the effects of the sessions to the response, including the response of an error.
///
/// `replacement` is sent in place of the response. It is set if a session cannot be stored.
#[inline]
fn apply_to_response<B>(
    response: &mut Result<ServiceResponse<B>, Error>,
    replacement: &mut Option<HttpResponse>,
    sessions: &RequestSessions,
    #[cfg_attr(
        not(feature = "revocation"),
        expect(unused_mut, reason = "only the last look changes them")
    )]
    mut effects: ResponseEffects,
) {
    if !effects.opened {
        return;
    }
    #[cfg(feature = "revocation")]
    effects.look_again();
    if effects.sends_nothing()
        && let Ok(response) = response
    {
        vary_by_cookie(sent_headers(response, replacement));
        return;
    }
    let failure = effects.failures.first().cloned().map(Denied::NotStored);
    #[cfg(feature = "revocation")]
    let failure = failure.or(effects.unavailable.map(unavailable));
    let mut headers = SessionHeaders::of(effects);
    let registry = sessions.registry();
    match response {
        Ok(response) => {
            if !registry.insecure_cookie.is_settled() && headers.set_secure() {
                let name = || headers.secure_cookie();
                (registry.insecure_cookie).secure_cookie_is_set(response.request(), name);
            }
            if let Some(denied) = failure {
                let own = registry.denied.as_ref();
                let own = own.and_then(|respond| respond(&denied, response.request()));
                // The headers so far are those of a success, so none is kept.
                *replacement = Some(own.unwrap_or_else(|| denied.error_response()));
            }
            let sent = sent_headers(response, replacement);
            headers.write(sent, &registry.override_reported);
        }
        Err(err) => {
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
        }
    }
}

#[cfg(feature = "revocation")]
fn unavailable(session: Unavailable) -> Denied {
    Denied::Session(ExtractError::Unavailable {
        session: session.session,
        retry_after: session.retry_after,
    })
}

/// Returns the headers of what is sent.
fn sent_headers<'a, B>(
    response: &'a mut ServiceResponse<B>,
    replacement: &'a mut Option<HttpResponse>,
) -> &'a mut HeaderMap {
    match replacement {
        Some(replacement) => replacement.headers_mut(),
        None => response.headers_mut(),
    }
}

/// Returns an empty 500, so that clients learn nothing about the error.
fn internal_error() -> HttpResponse {
    HttpResponse::InternalServerError().finish()
}
