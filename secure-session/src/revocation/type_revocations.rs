//! The revocations of a session type: what a codec and a session ask and do.

use std::{sync::Arc, time::SystemTime};

use super::{
    Revocations,
    binding::{Binding, GroupKeys},
    entry::{Group, GroupKey},
    queue::Ticket,
    replica::Mark,
    shared::{AlreadyRevoked, Shared},
};
use crate::{
    log::WarnOnce,
    payload::{Extensions, SessionId},
    schema::SessionData,
};

/// The revocations of a session type.
#[derive(Clone)]
pub(crate) struct TypeRevocations {
    pub(super) shared: Arc<Shared>,
    binding: Arc<Binding>,
    /// Keeps the thread running.
    revocations: Revocations,
}

/// Why a session is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Revoked {
    /// Since when, in seconds since 1970.
    pub(crate) since: u64,
}

impl TypeRevocations {
    pub(super) fn new(revocations: Revocations, binding: Arc<Binding>) -> Self {
        Self {
            shared: revocations.shared(),
            binding,
            revocations,
        }
    }

    pub(crate) fn revoked_itself_reported(&self) -> &WarnOnce {
        &self.shared.warnings.revoked_itself
    }

    /// Returns a number that identifies the `Revocations` in this process.
    pub(crate) fn instance(&self) -> u64 {
        self.shared.instance
    }

    pub(crate) fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    /// Returns why a session is revoked, if it is.
    #[inline]
    pub(crate) fn revoked<T: SessionData>(
        &self,
        id: SessionId,
        extensions: &Extensions,
        value: &T,
    ) -> Option<Revoked> {
        let mark = match self.shared.replica.session(id) {
            Some(mark) => mark,
            // Without groups, no field is hashed.
            None if !self.shared.replica.has_groups() => return None,
            None => self.revoking(extensions.proof(), value)?,
        };
        let since = self.shared.revoked_at(mark, self.binding.life);
        Some(Revoked { since })
    }

    fn revoking<T: SessionData>(&self, proof: u64, value: &T) -> Option<Mark> {
        self.shared.replica.revoking(&self.keys(value), proof)
    }

    /// Returns the keys of a session with this value.
    pub(crate) fn keys<T: SessionData>(&self, value: &T) -> GroupKeys {
        self.binding.keys(value)
    }

    /// Returns true if one of these groups revokes a session with this proof.
    pub(crate) fn revokes(&self, keys: &[GroupKey], proof: u64) -> bool {
        self.shared.replica.revoking(keys, proof).is_some()
    }

    /// Returns true if one of these groups has an entry that was not read back from the store.
    pub(crate) fn is_pending(&self, keys: &[GroupKey]) -> bool {
        self.shared.replica.is_pending(keys)
    }

    /// Returns true if a session is revoked by its id.
    pub(crate) fn is_session_revoked(&self, id: SessionId) -> bool {
        self.shared.replica.session(id).is_some()
    }

    /// Returns true if only this response revoked the session, which it replaces.
    pub(crate) fn is_only_replaced(&self, id: SessionId) -> bool {
        self.shared.replica.is_only_replaced(id)
    }

    pub(crate) fn end_replacement(&self, id: SessionId) {
        self.shared.replica.end_replacement(id);
    }

    /// Returns the current time.
    pub(crate) fn time(&self) -> SystemTime {
        self.shared.time()
    }

    /// Returns the highest number that this process has read, which proves that a user authenticated
    /// after every entry up to it.
    pub(crate) fn highest(&self) -> u64 {
        self.shared.replica.highest_read()
    }

    /// Returns true if the list is too old to trust.
    pub(crate) fn is_stale(&self) -> bool {
        self.shared.is_stale()
    }

    /// Revokes a session at once. Returns what to wait for.
    pub(crate) fn revoke_session(&self, id: SessionId) -> Option<Ticket> {
        self.shared.revoke_session(id, self.binding.life)
    }

    /// Revokes a group at once. Returns what to wait for.
    pub(crate) fn revoke_group(&self, group: Group) -> Option<Ticket> {
        self.shared.revoke_group(group, self.binding.life)
    }

    /// Revokes a session that a response replaces with another id.
    pub(crate) fn replace_session(&self, id: SessionId) -> Result<Option<Ticket>, AlreadyRevoked> {
        self.shared.replace_session(id, self.binding.life)
    }

    /// Counts a revoked session that is still used.
    pub(crate) fn count_revoked_used(&self) {
        self.shared.count_revoked_used();
    }

    /// Returns the group of the sessions whose field at `index` is written as this member.
    pub(crate) fn group(&self, index: usize, member: &[u8]) -> Option<Group> {
        let key = self.binding.key_of_member(index, member)?;
        Some(Group {
            key,
            is_type: false,
        })
    }

    pub(crate) fn whole_type(&self) -> Group {
        Group {
            key: self.binding.type_key,
            is_type: true,
        }
    }

    pub(crate) fn life(&self) -> u64 {
        self.binding.life
    }
}
