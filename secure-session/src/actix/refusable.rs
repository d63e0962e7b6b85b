//! The future of a middleware that calls the inner service or responds itself.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use actix_web::{
    Error,
    body::{BoxBody, EitherBody, MessageBody},
    dev::ServiceResponse,
};
use pin_project_lite::pin_project;

pin_project! {
    /// The future of a response, from the inner service or from a middleware that refused the
    /// request.
    pub struct Refusable<F> {
        // `None` if the request is refused.
        #[pin]
        response: Option<F>,
        refused: Option<ServiceResponse>,
    }
}

impl<F> Refusable<F> {
    pub(super) fn passed(response: F) -> Self {
        Self {
            response: Some(response),
            refused: None,
        }
    }

    pub(super) fn refused(response: ServiceResponse<BoxBody>) -> Self {
        Self {
            response: None,
            refused: Some(response),
        }
    }
}

impl<F, B> Future for Refusable<F>
where
    F: Future<Output = Result<ServiceResponse<B>, Error>>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<EitherBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(refused) = this.refused.take() {
            return Poll::Ready(Ok(refused.map_into_right_body()));
        }
        let Some(response) = this.response.as_pin_mut() else {
            return Poll::Pending;
        };
        let response = ready!(response.poll(context));
        Poll::Ready(response.map(ServiceResponse::map_into_left_body))
    }
}

impl<F> fmt::Debug for Refusable<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusable").finish_non_exhaustive()
    }
}
