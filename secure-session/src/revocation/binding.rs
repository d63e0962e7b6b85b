//! A session type and the fields that group its sessions.

use smallvec::SmallVec;

use super::{entry::GroupKey, key::TypeNames};
use crate::schema::{FieldWriter, SessionData};

/// The keys of a session: its type, and each field that groups sessions.
pub(crate) type GroupKeys = SmallVec<[GroupKey; 3]>;

/// What is the same for all sessions of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    names: TypeNames,
    pub(super) type_key: GroupKey,
    /// Fields that group sessions.
    fields: Vec<GroupField>,
    /// The most seconds that a session of the type lasts without being encrypted again.
    pub(super) life: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct GroupField {
    index: usize,
    /// The name of the member.
    name: String,
    /// The length of the name as it is written, with quotation marks and colon.
    key_len: usize,
}

impl Binding {
    pub(crate) fn new<T: SessionData>(names: TypeNames, life: u64) -> Self {
        let fields = T::SCHEMA.fields.iter().enumerate();
        let fields = fields.filter(|(_, field)| field.revoke_by);
        let fields = fields.filter_map(|(index, field)| {
            let key = field.key?;
            Some(GroupField {
                index,
                name: serde_json::from_str(key.strip_suffix(':')?).ok()?,
                key_len: key.len(),
            })
        });
        Self {
            type_key: names.key(),
            fields: fields.collect(),
            names,
            life,
        }
    }

    /// Returns the keys of a session with this value.
    pub(super) fn keys<T: SessionData>(&self, value: &T) -> GroupKeys {
        let mut keys = GroupKeys::from_slice(&[self.type_key]);
        let mut member = Vec::new();
        for field in &self.fields {
            member.clear();
            let written = value.__write(field.index, &mut FieldWriter::new::<T>(&mut member));
            // A value that cannot be written is in no cookie.
            if written.is_ok()
                && let Some(text) = member.get(field.key_len..)
                && !text.is_empty()
                && text != b"null"
            {
                keys.push(self.names.group_key(field.name.as_bytes(), text));
            }
        }
        keys
    }

    /// Returns the key of the sessions whose field at `index` is written as this member.
    pub(super) fn key_of_member(&self, index: usize, member: &[u8]) -> Option<GroupKey> {
        let field = self.fields.iter().find(|field| field.index == index)?;
        let text = member.get(field.key_len..)?;
        Some(self.names.group_key(field.name.as_bytes(), text))
    }
}
