//! Assertions on what a response does to a session.

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
    /// Unless it is.
    #[track_caller]
    pub fn assert_stored(&self) -> &Self {
        self.check(self.is_stored(), "it should be stored")
    }

    /// Asserts that the session's cookie is removed.
    ///
    /// # Panics
    ///
    /// Unless it is.
    #[track_caller]
    pub fn assert_removed(&self) -> &Self {
        self.check(self.is_removed(), "it should be removed")
    }

    /// Asserts that nothing is sent for the session.
    ///
    /// # Panics
    ///
    /// Unless so.
    #[track_caller]
    pub fn assert_unchanged(&self) -> &Self {
        self.check(self.is_unchanged(), "it should be unchanged")
    }

    /// Asserts whether the cookie, stored or removed, travels over encrypted connections only.
    ///
    /// # Panics
    ///
    /// When the attribute is another one, or no cookie is sent.
    #[track_caller]
    pub fn assert_secure(&self, secure: bool) -> &Self {
        self.check_attribute("Secure", secure.then_some(""))
    }

    /// Asserts whether scripts in the page are kept from reading the cookie.
    ///
    /// # Panics
    ///
    /// When the attribute is another one, or no cookie is sent.
    #[track_caller]
    pub fn assert_http_only(&self, http_only: bool) -> &Self {
        self.check_attribute("HttpOnly", http_only.then_some(""))
    }

    /// Asserts when the cookie goes along with requests from other sites.
    ///
    /// # Panics
    ///
    /// When the attribute is another one, or no cookie is sent.
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

    /// Asserts the path below which browsers send the cookie.
    ///
    /// # Panics
    ///
    /// When the attribute is another one, or no cookie is sent.
    #[track_caller]
    pub fn assert_path(&self, path: &str) -> &Self {
        self.check_attribute("Path", Some(path))
    }

    /// Asserts the domain whose hosts get the cookie; `None` for the host that set it and no other.
    ///
    /// # Panics
    ///
    /// When the attribute is another one, or no cookie is sent.
    #[track_caller]
    pub fn assert_domain<'a>(&self, domain: impl Into<Option<&'a str>>) -> &Self {
        self.check_attribute("Domain", domain.into())
    }

    /// Asserts whether the cookie is kept apart for each embedding site.
    ///
    /// # Panics
    ///
    /// When the attribute is another one, or no cookie is sent.
    #[track_caller]
    pub fn assert_partitioned(&self, partitioned: bool) -> &Self {
        self.check_attribute("Partitioned", partitioned.then_some(""))
    }

    /// Asserts after what time the browser drops the cookie, in whole seconds; `None` for a cookie
    /// that ends with the browser.
    ///
    /// # Panics
    ///
    /// When the attribute is another one, or no cookie is sent.
    #[track_caller]
    pub fn assert_max_age(&self, max_age: impl Into<Option<Duration>>) -> &Self {
        let seconds = max_age.into().map(|time| time.as_secs().to_string());
        self.check_attribute("Max-Age", seconds.as_deref())
    }

    /// Asserts whether the cookie outlives the browser, for whatever time.
    ///
    /// # Panics
    ///
    /// When it is otherwise, or no cookie is sent.
    #[track_caller]
    pub fn assert_persistent(&self, persistent: bool) -> &Self {
        let is_persistent = self.attribute("Max-Age").is_some();
        if self.set_cookie().is_some() && is_persistent == persistent {
            return self;
        }
        self.fail_attributes(if persistent {
            "the cookie should outlive the browser"
        } else {
            "the cookie should end with the browser"
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

/// What only the native format has.
impl<T: SecureSession<Format = Native>> ResponseSession<T> {
    /// Asserts that the session is stored under a new id.
    ///
    /// # Panics
    ///
    /// Unless it is stored, and under another id than the one before.
    #[track_caller]
    pub fn assert_new_id(&self, before: SessionId) -> &Self {
        if self.as_stored().is_some_and(|stored| stored.id() == before) {
            self.fail_saying("it should have a new id", "it keeps the one before");
        }
        self.check(self.is_stored(), "it should have a new id")
    }

    /// Asserts that the session is stored under this id.
    ///
    /// # Panics
    ///
    /// Unless it is.
    #[track_caller]
    pub fn assert_id(&self, id: SessionId) -> &Self {
        let expected = format!("it should have the id {id}");
        if let Some(stored) = self.as_stored().filter(|stored| stored.id() != id) {
            self.fail_saying(&expected, &format!("it has {}", stored.id()));
        }
        self.check(self.is_stored(), &expected)
    }

    /// Asserts that the session is stored and its user has signed in to it
    /// ([`sign_in`](crate::Session::sign_in), [`reauthenticate`](crate::Session::reauthenticate)).
    ///
    /// # Panics
    ///
    /// Unless so.
    #[track_caller]
    pub fn assert_authenticated(&self) -> &Self {
        let expected = "it should be of a user who has signed in";
        if self.is_stored() && !self.is_authenticated() {
            self.fail_saying(expected, "nobody has");
        }
        self.check(self.is_stored(), expected)
    }

    /// Asserts that the session is stored and nobody has signed in to it.
    ///
    /// # Panics
    ///
    /// Unless so.
    #[track_caller]
    pub fn assert_not_authenticated(&self) -> &Self {
        let expected = "it should be of nobody who has signed in";
        if self.is_authenticated() {
            self.fail_saying(expected, "somebody has");
        }
        self.check(self.is_stored(), expected)
    }

    /// Asserts that the session is stored with an end of its own, so long after it was sent,
    /// in whole seconds; `None` for one without.
    ///
    /// # Panics
    ///
    /// Unless so.
    #[track_caller]
    pub fn assert_remembered_for(&self, time: impl Into<Option<Duration>>) -> &Self {
        let seconds = time.into().map(|time| time.as_secs());
        let found = self.remembered_for().map(|time| time.as_secs());
        let expected = match seconds {
            Some(seconds) => format!("it should be remembered for {seconds} s"),
            None => "it should have no end of its own".to_owned(),
        };
        if self.is_stored() && seconds != found {
            self.fail_saying(
                &expected,
                &match found {
                    Some(found) => format!("it is remembered for {found} s"),
                    None => "it has no end of its own".to_owned(),
                },
            );
        }
        self.check(self.is_stored(), &expected)
    }
}
