//! The two formats of a session's cookie, as types.
//!
//! What one format has and the other cannot have exists for sessions of that format only: it is
//! missing at compile time, not a failure at run time.

/// The format of a session's cookie: [`Native`] or `Fastify`.
///
/// `#[session(format = "…")]` chooses it; nothing else implements it.
pub trait Format: sealed::Sealed + Send + Sync + 'static {
    #[doc(hidden)]
    const KIND: FormatKind;
}

/// The library's own format: bound to application, cookie name and purpose, two clocks, an id.
#[derive(Debug, Clone, Copy)]
pub enum Native {}

/// The format of the Node package @fastify/secure-session, read and written byte for byte.
///
/// It has one clock, counted from the last write, and neither an id nor a binding to a name.
#[cfg(feature = "fastify")]
#[derive(Debug, Clone, Copy)]
pub enum Fastify {}

/// The formats as values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(hidden)]
pub enum FormatKind {
    #[cfg(feature = "fastify")]
    Fastify,
    Native,
}

impl Format for Native {
    const KIND: FormatKind = FormatKind::Native;
}

#[cfg(feature = "fastify")]
impl Format for Fastify {
    const KIND: FormatKind = FormatKind::Fastify;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Native {}
    #[cfg(feature = "fastify")]
    impl Sealed for super::Fastify {}
}
