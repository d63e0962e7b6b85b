//! Assertions about a session in a response.

use std::time::Duration;

use super::ResponseSession;
use crate::{
    escape::Escaped, payload::SessionId, policy::SameSite, schema::Native, session::SecureSession,
};

impl<T: SecureSession> ResponseSession<T> {
    /// Asserts that the session is stored.
    ///
    /// # Panics
    ///
    /// If it isn't.
    #[track_caller]
    pub fn assert_stored(&self) -> &Self {
        self.check(self.is_stored(), "it should be stored")
    }

    /// Asserts that the session's cookie is removed.
    ///
    /// # Panics
    ///
    /// If it isn't.
    #[track_caller]
    pub fn assert_removed(&self) -> &Self {
        self.check(self.is_removed(), "it should be removed")
    }

    /// Asserts that nothing is sent for the session.
    ///
    /// # Panics
    ///
    /// If something is.
    #[track_caller]
    pub fn assert_unchanged(&self) -> &Self {
        self.check(self.is_unchanged(), "it should be unchanged")
    }

    /// Asserts whether the cookie, stored or removed, has the attribute `Secure`.
    ///
    /// # Panics
    ///
    /// If the attribute differs, or no cookie is sent.
    #[track_caller]
    pub fn assert_secure(&self, secure: bool) -> &Self {
        self.check_attribute("Secure", secure.then_some(""))
    }

    /// Asserts whether the cookie has the attribute `HttpOnly`.
    ///
    /// # Panics
    ///
    /// If the attribute differs, or no cookie is sent.
    #[track_caller]
    pub fn assert_http_only(&self, http_only: bool) -> &Self {
        self.check_attribute("HttpOnly", http_only.then_some(""))
    }

    /// Asserts the cookie's `SameSite` attribute.
    ///
    /// # Panics
    ///
    /// If the attribute differs, or no cookie is sent.
    #[track_caller]
    pub fn assert_same_site(&self, same_site: SameSite) -> &Self {
        let value = match same_site {
            SameSite::Strict => Some("Strict"),
            SameSite::Lax => Some("Lax"),
            SameSite::None => Some("None"),
            SameSite::Unspecified => None,
        };
        self.check_attribute("SameSite", value)
    }

    /// Asserts the cookie's path.
    ///
    /// # Panics
    ///
    /// If the attribute differs, or no cookie is sent.
    #[track_caller]
    pub fn assert_path(&self, path: &str) -> &Self {
        self.check_attribute("Path", Some(path))
    }

    /// Asserts the cookie's domain; `None` for a cookie without one.
    ///
    /// # Panics
    ///
    /// If the attribute differs, or no cookie is sent.
    #[track_caller]
    pub fn assert_domain<'a>(&self, domain: impl Into<Option<&'a str>>) -> &Self {
        self.check_attribute("Domain", domain.into())
    }

    /// Asserts whether the cookie has the attribute `Partitioned`.
    ///
    /// # Panics
    ///
    /// If the attribute differs, or no cookie is sent.
    #[track_caller]
    pub fn assert_partitioned(&self, partitioned: bool) -> &Self {
        self.check_attribute("Partitioned", partitioned.then_some(""))
    }

    /// Asserts the cookie's `Max-Age`, in whole seconds; `None` for a cookie without one.
    ///
    /// # Panics
    ///
    /// If the attribute differs, or no cookie is sent.
    #[track_caller]
    pub fn assert_max_age(&self, max_age: impl Into<Option<Duration>>) -> &Self {
        let seconds = max_age.into().map(|time| time.as_secs().to_string());
        self.check_attribute("Max-Age", seconds.as_deref())
    }

    /// Asserts whether the cookie survives closing the browser, for any time.
    ///
    /// # Panics
    ///
    /// If it differs, or no cookie is sent.
    #[track_caller]
    pub fn assert_persistent(&self, persistent: bool) -> &Self {
        let is_persistent = self.attribute("Max-Age").is_some();
        if self.set_cookie().is_some() && is_persistent == persistent {
            return self;
        }
        self.fail_attributes(if persistent {
            "the cookie should be persistent"
        } else {
            "the cookie should not be persistent"
        })
    }

    #[track_caller]
    fn check(&self, holds: bool, expected: &str) -> &Self {
        if holds { self } else { self.fail(expected) }
    }

    #[track_caller]
    fn check_attribute(&self, name: &str, value: Option<&str>) -> &Self {
        if self.set_cookie().is_some() && self.attribute(name) == value {
            return self;
        }
        self.fail_attributes(&match value {
            None => format!("the cookie should have no `{name}`"),
            Some("") => format!("the cookie should have `{name}`"),
            Some(value) => format!("the cookie should have `{name}={}`", Escaped(value)),
        })
    }
}

/// Methods for the native format.
impl<T: SecureSession<Format = Native>> ResponseSession<T> {
    /// Asserts that the session is stored under a new id.
    ///
    /// # Panics
    ///
    /// If it isn't stored, or has the id `before`.
    #[track_caller]
    pub fn assert_new_id(&self, before: SessionId) -> &Self {
        if self.as_stored().is_some_and(|stored| stored.id() == before) {
            self.fail_saying("it should have a new id", "it keeps the previous one");
        }
        self.check(self.is_stored(), "it should have a new id")
    }

    /// Asserts that the session is stored under this id.
    ///
    /// # Panics
    ///
    /// If it isn't.
    #[track_caller]
    pub fn assert_id(&self, id: SessionId) -> &Self {
        let expected = format!("it should have the id {id}");
        if let Some(stored) = self.as_stored().filter(|stored| stored.id() != id) {
            self.fail_saying(&expected, &format!("it has {}", stored.id()));
        }
        self.check(self.is_stored(), &expected)
    }

    /// Asserts that the session is stored and authenticated, by
    /// [`sign_in`](crate::Session::sign_in) or [`reauthenticate`](crate::Session::reauthenticate).
    ///
    /// # Panics
    ///
    /// If it isn't.
    #[track_caller]
    pub fn assert_authenticated(&self) -> &Self {
        let expected = "it should be authenticated";
        if self.is_stored() && !self.is_authenticated() {
            self.fail_saying(expected, "it is not");
        }
        self.check(self.is_stored(), expected)
    }

    /// Asserts that the session is stored and not authenticated.
    ///
    /// # Panics
    ///
    /// If it isn't stored, or is authenticated.
    #[track_caller]
    pub fn assert_not_authenticated(&self) -> &Self {
        let expected = "it should not be authenticated";
        if self.is_authenticated() {
            self.fail_saying(expected, "it is");
        }
        self.check(self.is_stored(), expected)
    }

    /// Asserts that the session is stored and remembered for `time` from when it was sent, in whole
    /// seconds; `None` for a session without [`remember_for`](crate::Session::remember_for).
    ///
    /// # Panics
    ///
    /// If it isn't stored, or the time differs.
    #[track_caller]
    pub fn assert_remembered_for(&self, time: impl Into<Option<Duration>>) -> &Self {
        let seconds = time.into().map(|time| time.as_secs());
        let found = self.remembered_for().map(|time| time.as_secs());
        let expected = match seconds {
            Some(seconds) => format!("it should be remembered for {seconds} s"),
            None => "it should not be remembered".to_owned(),
        };
        if self.is_stored() && seconds != found {
            self.fail_saying(
                &expected,
                &match found {
                    Some(found) => format!("it is remembered for {found} s"),
                    None => "it is not remembered".to_owned(),
                },
            );
        }
        self.check(self.is_stored(), &expected)
    }
}
