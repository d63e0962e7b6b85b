//! The table of devices: where users are signed in.
//!
//! One thread writes and reads it, in the order of the calls. So a call that writes does not block,
//! which `on_event` must not, and a page shows everything that happened before.
//!
//! A session that expires causes no event. Its row is deleted at the first login after its absolute
//! limit, so a session that expired earlier, because it was idle, is listed until then.

use std::{
    io,
    sync::mpsc::{self, Sender},
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use actix_web::{
    HttpRequest,
    http::header::{HeaderValue, USER_AGENT},
    web,
};
use rusqlite::{Connection, Params};
use secure_session::{EndReason, Session, SessionEvent, SessionId};

use crate::{
    database::Database,
    error::AppError,
    sessions::{Auth, HALF_A_DAY},
};

const MAX_USER_AGENT_CHARS: usize = 200;

/// A browser in which a user is signed in.
pub(crate) struct Device {
    /// Stays when the session gets another id.
    pub(crate) id: u64,
    pub(crate) session: SessionId,
    pub(crate) user_agent: String,
    /// The date and time in UTC, to show.
    pub(crate) began_at: String,
}

type Work = Box<dyn FnOnce(&Connection) -> rusqlite::Result<()> + Send>;

/// A handle of the table of devices. The thread ends with the last clone.
#[derive(Clone)]
pub(crate) struct Devices(Sender<Work>);

impl Devices {
    /// Starts the thread.
    pub(crate) fn open(database: Database) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel::<Work>();
        let run = move || {
            for work in receiver {
                let done = work(&database.connection());
                if let Err(err) = done {
                    tracing::error!(error = %err, "the table of devices could not be changed");
                }
            }
        };
        let thread = thread::Builder::new().name("devices".to_owned());
        thread.spawn(run)?;
        Ok(Self(sender))
    }

    /// Adds the device of a user who has just signed in.
    pub(crate) fn add(&self, auth: &Session<Auth>, request: &HttpRequest) {
        let info = auth.info();
        let (Some(user_id), Some(session)) = (auth.user_id(), info.id()) else {
            return;
        };
        let [began_at, expires_at] =
            [info.created_at(), info.expires_at()].map(|time| time.map_or(0, unix_seconds));
        // Activity moves the idle limit, but not the absolute one.
        let ends_at = expires_at.max(began_at + HALF_A_DAY.as_secs());
        self.execute("DELETE FROM devices WHERE ends_at <= ?1", [began_at]);
        self.execute(
            "INSERT INTO devices (session, user_id, user_agent, began_at, ends_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                *session.as_bytes(),
                user_id,
                user_agent(request),
                began_at,
                ends_at,
            ),
        );
    }

    /// Follows what happens to sessions, for `on_event`.
    pub(crate) fn follow(&self, event: &SessionEvent<'_>) {
        match *event {
            SessionEvent::Began {
                id,
                previous: Some(previous),
                at,
                ..
            } => self.replace(previous, id, at),
            // After `reauthenticate`, `Began` says which session replaces this one.
            SessionEvent::Ended { id, because, .. } if because != EndReason::Reauthenticated => {
                self.remove(id);
            }
            _ => {}
        }
    }

    /// Removes a session that has ended.
    pub(crate) fn remove(&self, session: SessionId) {
        let session = *session.as_bytes();
        self.execute("DELETE FROM devices WHERE session = ?1", [session]);
    }

    /// Removes all sessions of a user, except one.
    pub(crate) fn remove_all(&self, user_id: u64, except: Option<SessionId>) {
        self.execute(
            "DELETE FROM devices WHERE user_id = ?1 AND session IS NOT ?2",
            (user_id, except.map(|session| *session.as_bytes())),
        );
    }

    /// Returns the devices of a user, in the order of their logins.
    pub(crate) async fn of(&self, user_id: u64) -> Result<Vec<Device>, AppError> {
        self.read(move |connection| {
            let mut statement = connection.prepare(
                "SELECT id, session, user_agent, strftime('%Y-%m-%d %H:%M', began_at, 'unixepoch')
                 FROM devices WHERE user_id = ?1 ORDER BY id",
            )?;
            let devices = statement.query_map([user_id], |row| {
                Ok(Device {
                    id: row.get(0)?,
                    session: SessionId::from_bytes(row.get(1)?),
                    user_agent: row.get(2)?,
                    began_at: row.get(3)?,
                })
            })?;
            devices.collect()
        })
        .await
    }

    /// Waits until everything before is written.
    pub(crate) async fn flush(&self) -> Result<(), AppError> {
        self.read(|_| Ok(())).await
    }

    /// Moves a device to another session. After another login, that has a row already.
    fn replace(&self, previous: SessionId, session: SessionId, at: SystemTime) {
        self.execute(
            "UPDATE OR IGNORE devices SET session = ?2, ends_at = max(ends_at, ?3)
             WHERE session = ?1",
            (
                *previous.as_bytes(),
                *session.as_bytes(),
                unix_seconds(at) + HALF_A_DAY.as_secs(),
            ),
        );
    }

    fn execute(&self, sql: &'static str, params: impl Params + Send + 'static) {
        self.send(move |connection| connection.execute(sql, params).map(|_| ()));
    }

    /// Runs `read` after everything before, and returns its result.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, AppError> {
        let (sender, receiver) = mpsc::channel();
        self.send(move |connection| {
            drop(sender.send(read(connection)));
            Ok(())
        });
        let result = web::block(move || receiver.recv()).await?;
        Ok(result.map_err(|_| AppError::DevicesStopped)??)
    }

    fn send(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static) {
        // It fails only if the thread panicked, which `read` returns as an error.
        drop(self.0.send(Box::new(work)));
    }
}

/// Returns the beginning of the header, which clients choose freely.
fn user_agent(request: &HttpRequest) -> String {
    let header = request.headers().get(USER_AGENT);
    let bytes = header.map(HeaderValue::as_bytes).unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    text.chars().take(MAX_USER_AGENT_CHARS).collect()
}

fn unix_seconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}
