//! Server-sent events that end with the session.

use std::{
    convert::Infallible,
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    body::{BodySize, MessageBody},
    rt::time::{Interval, interval},
    web::Bytes,
};
use secure_session::{Ended, SessionEnded};

/// How often a comment is sent, so that proxies keep the connection open and a client that has left
/// is noticed.
const EVERY: Duration = Duration::from_secs(15);

const COMMENT: &str = ": still signed in\n\n";

/// The body of `GET /live`: an event at once, a comment every 15 seconds, and an event when the
/// session ends.
pub(crate) struct Live {
    ended: SessionEnded,
    interval: Interval,
    next: Bytes,
    is_over: bool,
}

impl Live {
    pub(crate) fn new(user_id: u64, ended: SessionEnded) -> Self {
        Self {
            ended,
            interval: interval(EVERY), // the first tick is at once
            next: format!("event: signed-in\ndata: {user_id}\n\n").into(),
            is_over: false,
        }
    }
}

impl MessageBody for Live {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let live = self.get_mut();
        if live.is_over {
            return Poll::Ready(None);
        }
        if let Poll::Ready(ended) = Pin::new(&mut live.ended).poll(context) {
            live.is_over = true;
            let last = Bytes::from_static(last_event(ended).as_bytes());
            return Poll::Ready(Some(Ok(last)));
        }
        live.interval.poll_tick(context).map(|_| {
            let comment = Bytes::from_static(COMMENT.as_bytes());
            Some(Ok(mem::replace(&mut live.next, comment)))
        })
    }
}

fn last_event(ended: Ended) -> &'static str {
    if ended == Ended::Expired {
        "event: ended\ndata: expired\n\n"
    } else {
        "event: ended\ndata: revoked\n\n"
    }
}
