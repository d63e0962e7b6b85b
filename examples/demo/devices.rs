//! A list of each user's sessions.
//!
//! The cookies hold the sessions, so the list only helps to show and to end them. An application
//! keeps it in its database; this one is in memory and starts empty.

use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use secure_session::{EndReason, SessionEvent, SessionId};

/// The absolute limit of `Auth`.
const ABSOLUTE: Duration = Duration::from_secs(12 * 60 * 60);

/// The sessions of all users.
#[derive(Default)]
pub(crate) struct Devices(Mutex<HashMap<SessionId, Device>>);

/// A session of a user.
#[derive(Clone, Copy)]
pub(crate) struct Device {
    pub(crate) user_id: u64,
    /// When the user last authenticated, which starts the absolute limit.
    pub(crate) began: SystemTime,
}

impl Devices {
    /// Adds a session whose user has just logged in.
    pub(crate) fn add(&self, id: SessionId, user_id: u64) {
        let began = SystemTime::now();
        self.rows().insert(id, Device { user_id, began });
    }

    /// Follows what the methods of `Session` do. The methods of `Revocations` send no events: the
    /// handlers that revoke remove the sessions.
    pub(crate) fn follow(&self, event: &SessionEvent<'_>) {
        match *event {
            SessionEvent::Began {
                id,
                previous: Some(previous),
                ..
            } => self.replace(previous, id),
            // After `reauthenticate`, `Began` follows, and the row moves to the new id.
            SessionEvent::Ended { id, because, .. } if because != EndReason::Reauthenticated => {
                self.remove(&[id]);
            }
            _ => {}
        }
    }

    /// Removes sessions that were revoked.
    pub(crate) fn remove(&self, ids: &[SessionId]) {
        let mut rows = self.rows();
        for id in ids {
            rows.remove(id);
        }
    }

    /// Returns the user's sessions, the newest first. Removes those of all users that have expired.
    pub(crate) fn of_user(&self, user_id: u64, now: SystemTime) -> Vec<(SessionId, Device)> {
        let mut rows = self.rows();
        rows.retain(|_, device| !device.has_expired(now));
        let own = rows.iter().filter(|(_, device)| device.user_id == user_id);
        let mut own: Vec<_> = own.map(|(id, device)| (*id, *device)).collect();
        own.sort_by_key(|(id, device)| Reverse((device.began, *id)));
        own
    }

    /// Returns the ids of the user's sessions.
    pub(crate) fn ids_of(&self, user_id: u64) -> Vec<SessionId> {
        let rows = self.rows();
        let own = rows.iter().filter(|(_, device)| device.user_id == user_id);
        own.map(|(id, _)| *id).collect()
    }

    /// Returns true if it is a session of the user.
    pub(crate) fn belongs_to(&self, id: SessionId, user_id: u64) -> bool {
        let rows = self.rows();
        rows.get(&id)
            .is_some_and(|device| device.user_id == user_id)
    }

    /// Moves a row to the id that replaces its id. A login has added a row for its id itself.
    fn replace(&self, previous: SessionId, id: SessionId) {
        let mut rows = self.rows();
        if !rows.contains_key(&id)
            && let Some(mut device) = rows.remove(&previous)
        {
            device.began = SystemTime::now();
            rows.insert(id, device);
        }
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<SessionId, Device>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Device {
    fn has_expired(self, now: SystemTime) -> bool {
        let age = now.duration_since(self.began);
        age.is_ok_and(|age| age >= ABSOLUTE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: u64 = 1;
    const BOB: u64 = 2;

    fn id(byte: u8) -> SessionId {
        SessionId::from_bytes([byte; SessionId::LEN])
    }

    #[test]
    fn users_see_only_their_own_sessions() {
        let devices = Devices::default();
        devices.add(id(1), ADA);
        devices.add(id(2), BOB);
        assert_eq!(devices.ids_of(ADA), [id(1)]);
        assert!(devices.belongs_to(id(1), ADA) && !devices.belongs_to(id(2), ADA));
        assert!(!devices.belongs_to(id(3), ADA));
    }

    #[test]
    fn expired_sessions_are_removed_when_listed() {
        let devices = Devices::default();
        devices.add(id(1), ADA);
        let now = SystemTime::now();
        assert_eq!(devices.of_user(ADA, now).len(), 1);
        assert!(devices.of_user(BOB, now + ABSOLUTE).is_empty());
        assert!(devices.ids_of(ADA).is_empty());
    }

    #[test]
    fn replaced_session_keeps_its_row_and_a_login_its_own() {
        let devices = Devices::default();
        devices.add(id(1), ADA);
        devices.replace(id(1), id(2));
        assert_eq!(devices.ids_of(ADA), [id(2)]);
        devices.add(id(3), BOB);
        devices.replace(id(2), id(3));
        assert_eq!(devices.ids_of(BOB), [id(3)]);
    }
}
