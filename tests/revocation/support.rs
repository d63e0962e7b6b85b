//! A revocable session, and processes that share a store.

use actix_secure_session_tests::{T0, ring};
use secure_session::{
    Revocations, SecureSession, SessionMiddleware, SessionMiddlewareBuilder,
    codec::Codec,
    test_util::{ResponseSession, TestClock, TestSession},
};

#[derive(SecureSession, Debug, PartialEq)]
#[session(revocable, remember = "30d")]
pub(crate) struct Auth {
    #[session(identity)]
    pub(crate) user_id: Option<u64>,
    #[session(revoke_by)]
    pub(crate) tenant: Option<String>,
    pub(crate) visits: u32,
}

pub(crate) fn ada() -> Auth {
    Auth {
        user_id: Some(42),
        tenant: Some("north".to_owned()),
        visits: 0,
    }
}

/// A process: its revocations and its middleware.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) clock: TestClock,
    pub(crate) revocations: Revocations,
    pub(crate) sessions: SessionMiddleware,
}

impl Site {
    /// A process without a store.
    pub(crate) fn new() -> Self {
        let clock = TestClock::at(T0);
        let revocations = Revocations::builder().clock(&clock).in_memory();
        Self::of(&clock, &revocations)
    }

    pub(crate) fn of(clock: &TestClock, revocations: &Revocations) -> Self {
        Self::with(clock, revocations, |builder| builder)
    }

    pub(crate) fn with(
        clock: &TestClock,
        revocations: &Revocations,
        change: impl FnOnce(SessionMiddlewareBuilder) -> SessionMiddlewareBuilder,
    ) -> Self {
        let builder = SessionMiddleware::builder(ring(&[1]))
            .clock(clock)
            .revocations(revocations)
            .session::<Auth>();
        Self {
            clock: clock.clone(),
            revocations: revocations.clone(),
            sessions: change(builder).build().expect("a sound configuration"),
        }
    }

    pub(crate) fn codec(&self) -> Codec<Auth> {
        self.sessions.codec().expect("Auth is registered")
    }

    /// A request with this cookie.
    pub(crate) fn request(&self, cookie: &str) -> TestSession<Auth> {
        TestSession::from_cookie_header(&self.codec(), cookie)
    }

    /// The cookie of a user who signs in now.
    pub(crate) fn signed_in(&self) -> String {
        self.signed_in_as(42)
    }

    /// The same for the user with this id.
    pub(crate) fn signed_in_as(&self, user_id: u64) -> String {
        self.sign_in_as(user_id).expect("a login is sent")
    }

    /// The same, or `None` if the login is not sent.
    pub(crate) fn sign_in_as(&self, user_id: u64) -> Option<String> {
        let request = self.request("");
        let auth = request.session();
        auth.sign_in();
        auth.replace(Auth {
            user_id: Some(user_id),
            ..ada()
        });
        cookie_of(&request.finish())
    }

    /// Whether the cookie is a session of somebody.
    pub(crate) fn accepts(&self, cookie: &str) -> bool {
        self.request(cookie).session().user_id().is_some()
    }
}

/// The text `name=value` of the session that a response stores.
pub(crate) fn cookie_of(response: &ResponseSession<Auth>) -> Option<String> {
    let text = response.set_cookie().filter(|_| !response.is_removed())?;
    text.split(';').next().map(str::to_owned)
}
