//! What a page or an application may see of a session.

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::{SecureSession, Session, SessionOrigin};

/// A session with public fields. Only `#[derive(SecureSession)]` implements it, for structs with
/// `#[session(public)]` fields.
pub trait PublicSession: SecureSession {
    /// The generated struct of the public fields, such as `AuthPublic` for a struct `Auth`.
    type Public: Serialize;

    #[doc(hidden)]
    fn __public(&self) -> Self::Public;
}

/// What a page or an application may see of a session: its public fields and its expiry.
///
/// As JSON: `{"session":{"name":"Ada"},"expires_in":1712,"expires_at":1764280000,
/// "now":1764278288,"origin":"restored"}`. Times are in whole seconds; `expires_at` and `now` count
/// from 1970. Without a session, `expires_in` and `expires_at` are `null`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SessionView<P> {
    /// The public fields.
    pub session: P,
    /// The time until the session expires, or `None` if there is no session.
    pub expires_in: Option<u64>,
    /// When the session expires, or `None` if there is no session.
    pub expires_at: Option<u64>,
    /// The time of the request, to correct the browser's clock.
    pub now: u64,
    /// Whether the session is new, restored, expired, revoked or rejected.
    pub origin: SessionOrigin,
}

impl<T: PublicSession> Session<T> {
    /// Returns the public fields and the expiry, for a page or an application.
    ///
    /// A field that is not `#[session(public)]` is not in it, by its type; a public field is in it
    /// as a whole.
    ///
    /// A page that shows a countdown asks for it by script. Such a request must not count as
    /// activity: call [`without_activity`](Self::without_activity) first, or except its path with an
    /// [`Activity`](crate::policy::Activity) policy.
    ///
    /// # Examples
    ///
    /// ```
    /// use actix_web::{HttpResponse, get};
    /// use secure_session::{SecureSession, Session};
    ///
    /// #[derive(SecureSession)]
    /// struct Auth {
    ///     user_id: Option<u64>,
    ///     #[session(public)]
    ///     name: String,
    /// }
    ///
    /// #[get("/me")]
    /// async fn me(auth: Session<Auth>) -> HttpResponse {
    ///     auth.without_activity();
    ///     HttpResponse::Ok()
    ///         .insert_header(("Cache-Control", "no-store"))
    ///         .json(auth.view())
    /// }
    /// ```
    #[must_use]
    pub fn view(&self) -> SessionView<T::Public> {
        let info = self.info();
        let now = self.cell().time().seconds();
        let expires_at = info.expires_at_seconds();
        let value: &T = self;
        SessionView {
            session: value.__public(),
            expires_in: expires_at.map(|end| end.saturating_sub(now)),
            expires_at,
            now,
            origin: info.origin(),
        }
    }
}

impl<P: Serialize> Serialize for SessionView<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("SessionView", 5)?;
        out.serialize_field("session", &self.session)?;
        out.serialize_field("expires_in", &self.expires_in)?;
        out.serialize_field("expires_at", &self.expires_at)?;
        out.serialize_field("now", &self.now)?;
        out.serialize_field("origin", &self.origin.to_string())?;
        out.end()
    }
}
