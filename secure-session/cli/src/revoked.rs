//! What the entries of a store say: which sessions are revoked.

use std::collections::{BTreeSet, HashMap, HashSet};

use secure_session::{
    __cli::{self, Content, GroupKey, SessionType, Skipped},
    RevocationEntry, SessionId,
};

use crate::{failure::Failure, group_text::group_text, store::Store};

/// The entries of a store by kind.
#[derive(Debug, Default)]
pub(crate) struct RevocationList {
    /// In minutes since 1970.
    now: u32,
    /// All entries.
    pub(crate) entries: u64,
    sessions: HashSet<SessionId>,
    /// Groups, each with its highest number.
    groups: HashMap<GroupKey, u64>,
    /// Types, each with the numbers of its entries.
    types: HashMap<GroupKey, BTreeSet<u64>>,
    pub(crate) fences: u64,
    pub(crate) run_out: u64,
    pub(crate) newer: u64,
    pub(crate) junk: u64,
}

/// Why a session is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cause {
    /// By its id.
    Session,
    /// By the member with this name, which has this JSON text.
    Group { member: String, text: String },
    /// All sessions of the name are.
    Type,
}

impl RevocationList {
    /// Reads a whole store.
    pub(crate) fn read(store: &Store, now_millis: u64) -> Result<Self, Failure> {
        let mut list = Self {
            now: u32::try_from(now_millis / 60_000).unwrap_or(u32::MAX),
            ..Self::default()
        };
        store.read(|entry| list.add(entry))?;
        Ok(list)
    }

    fn add(&mut self, entry: &RevocationEntry) {
        self.entries = self.entries.saturating_add(1);
        let count = match __cli::content(entry) {
            Ok(Content::Session { until, .. } | Content::Group { until, .. })
                if until <= self.now =>
            {
                &mut self.run_out
            }
            Ok(Content::Session { id, .. }) => {
                self.sessions.insert(id);
                return;
            }
            Ok(Content::Group {
                key,
                is_type: true,
                number,
                ..
            }) => {
                self.types.entry(key).or_default().insert(number);
                return;
            }
            Ok(Content::Group { key, number, .. }) => {
                let highest = self.groups.entry(key).or_default();
                *highest = number.max(*highest);
                return;
            }
            Ok(Content::Fence { .. }) => &mut self.fences,
            Err(Skipped::Newer) => &mut self.newer,
            Err(Skipped::Junk) => &mut self.junk,
        };
        *count = count.saturating_add(1);
    }

    /// Returns the number of sessions, each counted once.
    pub(crate) fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// Returns the number of groups, each counted once.
    pub(crate) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Returns the number of entries of types, each counted once.
    pub(crate) fn types(&self) -> usize {
        self.types.values().map(BTreeSet::len).sum()
    }

    /// Returns the number of entries of a type, each counted once.
    pub(crate) fn of_type(&self, session: &SessionType) -> usize {
        self.types.get(&session.key()).map_or(0, BTreeSet::len)
    }

    /// Returns why a session with this id, proof and members is revoked. Any member may be a field
    /// that groups sessions.
    pub(crate) fn causes(
        &self,
        session: &SessionType,
        id: SessionId,
        proof: u64,
        members: &[(String, String)],
    ) -> Vec<Cause> {
        let by_id = self.sessions.contains(&id).then_some(Cause::Session);
        let groups = members.iter().filter_map(|(member, text)| {
            let key = session.group_key(member, &group_text(text)?);
            let is_newer = self.groups.get(&key).is_some_and(|number| *number > proof);
            is_newer.then(|| Cause::Group {
                member: member.clone(),
                text: text.clone(),
            })
        });
        let newest = self.types.get(&session.key()).and_then(BTreeSet::last);
        let by_type = newest
            .is_some_and(|number| *number > proof)
            .then_some(Cause::Type);
        by_id.into_iter().chain(groups).chain(by_type).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_without_a_number_is_junk() {
        let mut list = RevocationList::default();
        list.add(&__cli::group_entry([1; 16], 1));
        list.add(&__cli::type_entry([1; 16], 1));
        list.add(&__cli::type_entry([1; 16], 1).with_number(1));
        assert_eq!((list.groups(), list.types(), list.junk), (0, 1, 2));
    }
}
