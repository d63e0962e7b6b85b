//! Finds a middleware that asks for a session before `SessionMiddleware` is entered: it is wrapped
//! outside of it.
//!
//! Whoever asks in vain leaves a note, and a middleware that is entered with the same request later
//! knows better. The note stands beside the request: to put it into the extensions would panic when
//! the caller has borrowed them.

use std::{any::TypeId, cell::Cell, ptr};

use actix_web::{
    dev::{Extensions, RequestHead},
    http::{Method, Uri},
};

thread_local! {
    /// The last one of this worker. Another request between may take its place; then the mistake is
    /// told the next time.
    static ASKED: Cell<Option<Box<Asked>>> = const { Cell::new(None) };
}

struct Asked {
    type_id: TypeId,
    request: Identity,
}

/// Tells a request from others. The place in memory is used again and again, but a request for the
/// same resource would have met the same middleware.
#[derive(PartialEq, Eq)]
struct Identity {
    extensions: usize,
    method: Method,
    uri: Uri,
}

impl Identity {
    fn of(extensions: &Extensions, head: &RequestHead) -> Self {
        Self {
            extensions: ptr::from_ref(extensions).addr(),
            method: head.method.clone(),
            uri: head.uri.clone(),
        }
    }
}

/// Notes that a session of this type was asked for where no middleware had been entered.
pub(super) fn note(type_id: TypeId, extensions: &Extensions, head: &RequestHead) {
    let request = Identity::of(extensions, head);
    let asked = Box::new(Asked { type_id, request });
    // At the end of a thread there is no place for a note any more.
    let _ = ASKED.try_with(|last| last.set(Some(asked)));
}

/// The type that was asked for in this request before.
pub(super) fn take(extensions: &Extensions, head: &RequestHead) -> Option<TypeId> {
    let last = ASKED.try_with(Cell::take).ok()??;
    (last.request == Identity::of(extensions, head)).then_some(last.type_id)
}
