//! The formats of a session's cookie, as types.
//!
//! Methods that only one format supports exist only for sessions of that format, so a wrong call
//! fails at compile time instead of at run time.

/// The format of a session's cookie: [`Native`] or `Fastify`.
///
/// `#[session(format = "…")]` selects it. The trait is sealed.
pub trait Format: sealed::Sealed + Send + Sync + 'static {
    #[doc(hidden)]
    const KIND: FormatKind;
}

/// The library's own format.
///
/// It has an id and two clocks (idle and absolute), and is bound to the application, the cookie's
/// name and the purpose.
#[derive(Debug, Clone, Copy)]
pub enum Native {}

/// The format of the Node package @fastify/secure-session, read and written byte for byte.
///
/// It has a single clock, which starts at the last write. It has no id and is not bound to a name.
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
