//! Both sessions as JSON: metadata and values.

use std::time::{SystemTime, UNIX_EPOCH};

use secure_session::{SecureSession, Session, codec::Native};
use serde::Serialize;

use crate::sessions::{Auth, Prefs};

/// The response of `GET /state`.
#[derive(Serialize)]
pub(crate) struct State {
    auth: SessionState<Auth>,
    prefs: SessionState<Prefs>,
}

impl State {
    pub(crate) fn of(auth: &Session<Auth>, prefs: &Session<Prefs>) -> Self {
        Self {
            auth: SessionState::of(auth),
            prefs: SessionState::of(prefs),
        }
    }
}

/// One session. It has no id and no times until something is stored.
#[derive(Serialize)]
struct SessionState<T> {
    id: Option<String>,
    origin: String,
    created_at: Option<u64>,
    expires_at: Option<u64>,
    data: T,
}

impl<T: SecureSession<Format = Native>> SessionState<T> {
    fn of(session: &Session<T>) -> Self {
        let info = session.info();
        Self {
            id: info.id().map(|id| id.to_string()),
            origin: info.origin().to_string(),
            created_at: info.created_at().map(unix_seconds),
            expires_at: info.expires_at().map(unix_seconds),
            data: session.snapshot(),
        }
    }
}

fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
