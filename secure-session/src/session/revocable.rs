//! Revokes sessions: of a user, of a type, by id.

use std::future::Future;

use super::{SecureSession, Session};
use crate::{
    codec::{MAX_COOKIE_BYTES, SharedSettings, build_codec},
    error::ConfigError,
    key::{Key, KeyRing},
    payload::SessionId,
    policy::Policy,
    revocation::{
        Ended, Group, RevocationError, Revocations, SessionEnded, TypeRevocations, WaitedFor,
    },
    schema::{FieldWriter, Native, WriteError},
};

/// A session that can be revoked before it expires. Only `#[derive(SecureSession)]` implements it,
/// for structs with `#[session(revocable)]`.
#[diagnostic::on_unimplemented(
    message = "the sessions of `{Self}` cannot be revoked",
    label = "not revocable",
    note = "write `#[session(revocable)]` on the struct, and `#[session(identity)]` on the field that says who is signed in"
)]
pub trait RevocableSession: SecureSession<Format = Native> {
    /// The generated enum that selects sessions, such as `AuthSelector` for a struct `Auth`.
    type Selector: SessionSelector<Session = Self>;
}

/// Selects the sessions whose field has a value, such as `AuthSelector::UserId(42)`. Only
/// `#[derive(SecureSession)]` implements it.
pub trait SessionSelector: Send + Sync + 'static {
    /// The session type.
    type Session: RevocableSession<Selector = Self>;

    /// Returns the position of the field.
    #[doc(hidden)]
    fn __field(&self) -> usize;

    /// Writes the value as a member of the JSON object.
    #[doc(hidden)]
    fn __write(&self, out: &mut FieldWriter<'_>) -> Result<(), WriteError>;
}

/// Each method but `revoke_others` revokes when it is called, even if its future is never awaited. The
/// future waits until the store has the entry, at most 250 milliseconds. Within that time,
/// `revoke_all` and `revoke_everyone` also wait until this process has read the entry back; until
/// then, a login into the group or the type is a 503.
impl Revocations {
    /// Revokes every session of the type whose field has this value, such as all sessions of a user.
    ///
    /// Sessions that sign in later are not revoked. In a handler that then signs the user in again,
    /// call it before `sign_in`, and await it.
    ///
    /// # Security
    ///
    /// A login handler that read the user's state before this call, and calls `sign_in` after it,
    /// signs in later. Let it [read the state again after
    /// `sign_in`](crate::manual::revocation#a-login-that-is-under-way).
    ///
    /// # Errors
    ///
    /// - [`RevocationError::NotRecorded`] if the store has not confirmed it in time. This process
    ///   refuses the sessions all the same, and goes on trying.
    /// - [`RevocationError::NotRegistered`] if the type is not connected with these revocations.
    /// - [`RevocationError::Value`] if the value cannot be in a cookie.
    ///
    /// # Examples
    ///
    /// ```
    /// use actix_web::{HttpResponse, Error, web};
    /// use secure_session::{Revocations, SecureSession};
    ///
    /// #[derive(SecureSession)]
    /// #[session(revocable)]
    /// struct Auth {
    ///     #[session(identity)]
    ///     user_id: Option<u64>,
    /// }
    ///
    /// async fn block(
    ///     user_id: web::Path<u64>,
    ///     revocations: web::Data<Revocations>,
    /// ) -> Result<HttpResponse, Error> {
    ///     // … mark the user as blocked in the database, then:
    ///     revocations.revoke_all(AuthSelector::UserId(*user_id)).await?;
    ///     Ok(HttpResponse::NoContent().finish())
    /// }
    /// ```
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers write the selector in the call"
    )]
    pub fn revoke_all<S: SessionSelector>(
        &self,
        selector: S,
    ) -> impl Future<Output = Result<(), RevocationError>> + Send + use<S> {
        let group = self.connected::<S::Session>().and_then(|connected| {
            let group = group_of(&connected, &selector)?;
            Ok((connected, group))
        });
        self.revoke(group)
    }

    /// Revokes every session of the type.
    ///
    /// # Errors
    ///
    /// The same as [`revoke_all`](Self::revoke_all).
    pub fn revoke_everyone<T: RevocableSession>(
        &self,
    ) -> impl Future<Output = Result<(), RevocationError>> + Send + use<T> {
        let group = self.connected::<T>().map(|connected| {
            let group = connected.whole_type();
            (connected, group)
        });
        self.revoke(group)
    }

    /// Revokes one session, such as one of a list of devices.
    ///
    /// # Errors
    ///
    /// The same as [`revoke_all`](Self::revoke_all).
    pub fn revoke_session<T: RevocableSession>(
        &self,
        id: SessionId,
    ) -> impl Future<Output = Result<(), RevocationError>> + Send + use<T> {
        let recorded = self.connected::<T>().map(|connected| {
            let ticket = connected.revoke_session(id);
            self.recorded(ticket)
        });
        async move { recorded?.await }
    }

    /// Revokes like [`revoke_all`](Self::revoke_all), except this session: for a new password, which
    /// logs out all other devices. Call [`reauthenticate`](Session::reauthenticate) first.
    ///
    /// The session is only spared if it was valid itself, under every entry before this one. Its
    /// cookie is sent again.
    ///
    /// # Errors
    ///
    /// The same as [`revoke_all`](Self::revoke_all). After [`RevocationError::NotRecorded`], this
    /// process neither refuses the other sessions nor goes on trying, but the store may have the
    /// entry; then the session itself is revoked, too.
    ///
    /// # Examples
    ///
    /// ```
    /// use actix_web::{Error, HttpResponse, web};
    /// use secure_session::{Revocations, SecureSession, Session};
    ///
    /// #[derive(SecureSession)]
    /// #[session(revocable)]
    /// struct Auth {
    ///     #[session(identity)]
    ///     user_id: Option<u64>,
    /// }
    ///
    /// async fn new_password(
    ///     auth: Session<Auth>,
    ///     revocations: web::Data<Revocations>,
    /// ) -> Result<HttpResponse, Error> {
    ///     let Some(user_id) = auth.user_id() else {
    ///         return Ok(HttpResponse::Unauthorized().finish());
    ///     };
    ///     // … check the old password and store the new one, then:
    ///     auth.reauthenticate();
    ///     revocations.revoke_others(&auth, AuthSelector::UserId(user_id)).await?;
    ///     Ok(HttpResponse::NoContent().finish())
    /// }
    /// ```
    pub async fn revoke_others<T: RevocableSession>(
        &self,
        session: &Session<T>,
        selector: T::Selector,
    ) -> Result<(), RevocationError> {
        let connected = self.connected::<T>()?;
        let group = group_of(&connected, &selector)?;
        // Before the entry counts here.
        session.cell().open();
        let read = self.revoke_once(group, connected.life()).await?;
        session.cell().spare(&connected, group, read);
        Ok(())
    }

    /// Connects a session type, in programs without a middleware for it: `application` and `change`
    /// are the same as for the middleware or the codec. A middleware and a codec do it themselves.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the policy is invalid, or if the type is connected with other settings.
    ///
    /// # Examples
    ///
    /// ```
    /// use secure_session::{Revocations, SecureSession};
    ///
    /// #[derive(SecureSession)]
    /// #[session(revocable)]
    /// struct Auth {
    ///     #[session(identity)]
    ///     user_id: Option<u64>,
    /// }
    ///
    /// # actix_web::rt::System::new().block_on(async {
    /// let revocations = Revocations::in_memory();
    /// revocations.bind::<Auth>("shop", |policy| policy)?;
    /// revocations.revoke_all(AuthSelector::UserId(42)).await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn bind<T: RevocableSession>(
        &self,
        application: impl Into<String>,
        change: impl FnOnce(Policy<Native>) -> Policy<Native>,
    ) -> Result<(), ConfigError> {
        // Nothing is encrypted with the key.
        let key =
            Key::from_bytes([0; 32]).map_err(|err| ConfigError::new(vec![err.to_string()]))?;
        let mut settings = SharedSettings::new(KeyRing::from(key));
        settings.application = application.into();
        settings.trivial_keys = true;
        settings.revocations = Some(self.clone());
        ConfigError::check(settings.problems())?;
        let built = build_codec::<T>(&settings, change(Policy::of::<T>()));
        built.map(drop).map_err(ConfigError::new)
    }

    fn connected<T: RevocableSession>(&self) -> Result<TypeRevocations, RevocationError> {
        self.of_type::<T>().ok_or(RevocationError::NotRegistered {
            session: T::SCHEMA.type_name,
        })
    }

    fn revoke(
        &self,
        group: Result<(TypeRevocations, Group), RevocationError>,
    ) -> impl Future<Output = Result<(), RevocationError>> + Send + use<> {
        let recorded = group.map(|(connected, group)| self.revoke_group(&connected, group));
        async move { recorded?.await }
    }
}

fn group_of<S: SessionSelector>(
    connected: &TypeRevocations,
    selector: &S,
) -> Result<Group, RevocationError> {
    let mut member = Vec::new();
    let written = selector.__write(&mut FieldWriter::new::<S::Session>(&mut member));
    let group = connected.group(selector.__field(), &member);
    let group = group.filter(|_| written.is_ok() && member.len() < MAX_COOKIE_BYTES);
    group.ok_or(RevocationError::Value {
        session: <S::Session as crate::SessionData>::SCHEMA.type_name,
    })
}

impl<T: RevocableSession> Session<T> {
    /// Returns a future that waits for the end of the session, for WebSockets and streams.
    ///
    /// It waits for a revocation, and for the absolute limit or the time set by `remember_for`;
    /// idle time does not apply. `reauthenticate` and `revoke_others` end it, too, because the
    /// session goes on with another id or proof: the client connects again. It does not end while
    /// the store cannot be reached.
    ///
    /// Without a session, it is over at once. It holds no reference to the request.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # use secure_session::{SecureSession, Session};
    /// # #[derive(SecureSession)]
    /// # #[session(revocable)]
    /// # struct Auth { #[session(identity)] user_id: Option<u64> }
    /// # async fn handler(auth: Session<Auth>) {
    /// let ended = auth.ended();
    /// actix_web::rt::spawn(async move {
    ///     let how = ended.await;
    ///     println!("{how:?}"); // close the connection
    /// });
    /// # }
    /// ```
    pub fn ended(&self) -> SessionEnded {
        self.cell().ended()
    }
}

impl<T: RevocableSession> super::cell::SessionCell<T> {
    fn ended(&self) -> SessionEnded {
        let open = self.open();
        let info = super::SessionInfo::new(self);
        let (Some(id), Some(revocations)) = (info.id(), self.codec().revocations()) else {
            return SessionEnded::over(match open.failure() {
                Some(crate::RejectReason::Revoked) => Ended::Revoked,
                _ => Ended::Expired,
            });
        };
        let value = &*open.current();
        let state = open.state(Clone::clone);
        let session = WaitedFor {
            groups: revocations.keys(value).into_vec().into_boxed_slice(),
            proof: self.proof(open, &state, value),
            expires: info.latest_end(),
        };
        SessionEnded::of(revocations, id, session)
    }
}
