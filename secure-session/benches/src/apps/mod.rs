//! The applications to compare: the same routes, each with its own sessions.

pub mod actix_session;
pub mod bare;
pub mod typed;

use std::{fmt, str::FromStr};

/// The session library of a handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contender {
    /// actix-web without sessions.
    Bare,
    /// This library with its default cipher.
    Native,
    /// This library with the cipher in pure Rust.
    NativePureRust,
    /// This library in the format of @fastify/secure-session.
    Fastify,
    /// actix-session with its cookie store.
    ActixSession,
}

impl Contender {
    pub const ALL: &[Self] = &[
        Self::Bare,
        Self::Native,
        Self::NativePureRust,
        Self::Fastify,
        Self::ActixSession,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Native => "native",
            Self::NativePureRust => "native-pure-rust",
            Self::Fastify => "fastify-format",
            Self::ActixSession => "actix-session",
        }
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Contender {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        (Self::ALL.iter().copied())
            .find(|contender| contender.name() == name)
            .ok_or_else(|| format!("{name} is none of {:?}", Self::ALL))
    }
}

/// The measured routes of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The handler takes no session, but the request has one.
    Unused,
    /// Reads two fields.
    Read,
    /// Reads two fields, so long after the last activity that the session is sent again.
    /// actix-session has no refresh and only reads.
    Refresh,
    /// Increments a counter.
    Count,
    /// Without a cookie: a new session with five fields.
    Login,
}

impl Route {
    pub const ALL: [Self; 5] = [
        Self::Unused,
        Self::Read,
        Self::Refresh,
        Self::Count,
        Self::Login,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Unused => "unused",
            Self::Read => "read",
            Self::Refresh => "refresh",
            Self::Count => "count",
            Self::Login => "login",
        }
    }

    pub fn path(self) -> &'static str {
        match self {
            Self::Unused => "/unused",
            Self::Read => "/read",
            Self::Refresh => "/refresh",
            Self::Count => "/count",
            Self::Login => "/login",
        }
    }

    pub fn sends_cookie(self) -> bool {
        !matches!(self, Self::Login)
    }

    pub fn sets_cookie(self, contender: Contender) -> bool {
        match self {
            Self::Unused | Self::Read => false,
            Self::Refresh => !matches!(contender, Contender::Bare | Contender::ActixSession),
            Self::Count | Self::Login => contender != Contender::Bare,
        }
    }
}

impl FromStr for Route {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        (Self::ALL.into_iter())
            .find(|route| route.name() == name)
            .ok_or_else(|| format!("{name} is none of {:?}", Self::ALL))
    }
}

/// Runs an expression with a function that creates the application of a contender. Each application
/// has a different type.
macro_rules! with_app {
    ($contender:expr, $make:ident => $then:expr) => {
        match $contender {
            $crate::apps::Contender::Bare => {
                let $make = || actix_web::App::new().configure($crate::apps::bare::routes);
                $then
            }
            $crate::apps::Contender::Native => {
                let sessions = $crate::apps::typed::native::sessions();
                let $make = move || {
                    actix_web::App::new()
                        .wrap(sessions.clone())
                        .configure($crate::apps::typed::native::routes)
                };
                $then
            }
            $crate::apps::Contender::NativePureRust => {
                let sessions = $crate::apps::typed::native::pure_rust_sessions();
                let $make = move || {
                    actix_web::App::new()
                        .wrap(sessions.clone())
                        .configure($crate::apps::typed::native::routes)
                };
                $then
            }
            $crate::apps::Contender::Fastify => {
                let sessions = $crate::apps::typed::fastify::sessions();
                let $make = move || {
                    actix_web::App::new()
                        .wrap(sessions.clone())
                        .configure($crate::apps::typed::fastify::routes)
                };
                $then
            }
            $crate::apps::Contender::ActixSession => {
                let key = actix_web::cookie::Key::generate();
                let $make = move || {
                    actix_web::App::new()
                        .wrap($crate::apps::actix_session::sessions(key.clone()))
                        .configure($crate::apps::actix_session::routes)
                };
                $then
            }
        }
    };
}
pub(crate) use with_app;
