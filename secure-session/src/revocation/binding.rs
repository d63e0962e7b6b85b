//! A session type and the fields that group its sessions.

use smallvec::SmallVec;

use std::cell::RefCell;

use super::{
    entry::GroupKey,
    key::{FieldKeys, TypeNames},
};
use crate::schema::{FieldWriter, SessionData};

/// The keys of a session: its type, and each field that groups sessions.
pub(crate) type GroupKeys = SmallVec<[GroupKey; 3]>;

/// What is the same for all sessions of a type.
#[derive(Clone)]
pub(crate) struct Binding {
    names: TypeNames,
    pub(super) type_key: GroupKey,
    /// Fields that group sessions.
    fields: Vec<GroupField>,
    /// The most seconds that a session of the type lasts without being encrypted again.
    pub(super) life: u64,
}

#[derive(Clone)]
struct GroupField {
    index: usize,
    /// The length of the name as it is written, with quotation marks and colon.
    key_len: usize,
    keys: FieldKeys,
}

/// What a key is made in.
#[derive(Default)]
struct Buffers {
    member: Vec<u8>,
    hashed: Vec<u8>,
}

impl Binding {
    pub(crate) fn new<T: SessionData>(names: TypeNames, life: u64) -> Self {
        let fields = T::SCHEMA.fields.iter().enumerate();
        let fields = fields.filter(|(_, field)| field.revoke_by);
        let fields = fields.filter_map(|(index, field)| {
            let key = field.key?;
            let name: String = serde_json::from_str(key.strip_suffix(':')?).ok()?;
            Some(GroupField {
                index,
                key_len: key.len(),
                keys: names.field(name.as_bytes()),
            })
        });
        Self {
            type_key: names.key(),
            fields: fields.collect(),
            names,
            life,
        }
    }

    /// Returns true if both have the same names and limits. The fields are those of the type.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.names == other.names && self.life == other.life
    }

    /// Returns the keys of a session with this value.
    pub(super) fn keys<T: SessionData>(&self, value: &T) -> GroupKeys {
        thread_local! {
            /// So that a read allocates nothing.
            static BUFFERS: RefCell<Buffers> = RefCell::default();
        }
        let mut keys = GroupKeys::from_slice(&[self.type_key]);
        BUFFERS.with(|buffers| match buffers.try_borrow_mut() {
            Ok(mut buffers) => self.add_keys(value, &mut buffers, &mut keys),
            // A field's `Serialize` asks for keys itself.
            Err(_) => self.add_keys(value, &mut Buffers::default(), &mut keys),
        });
        keys
    }

    fn add_keys<T: SessionData>(&self, value: &T, buffers: &mut Buffers, keys: &mut GroupKeys) {
        let Buffers { member, hashed } = buffers;
        for field in &self.fields {
            member.clear();
            let written = value.__write(field.index, &mut FieldWriter::new::<T>(member));
            // A value that cannot be written is in no cookie.
            if written.is_ok()
                && let Some(text) = member.get(field.key_len..)
                && !text.is_empty()
                && text != b"null"
            {
                keys.push(field.keys.key(text, hashed));
            }
        }
    }

    /// Returns the key of the sessions whose field at `index` is written as this member.
    pub(super) fn key_of_member(&self, index: usize, member: &[u8]) -> Option<GroupKey> {
        let field = self.fields.iter().find(|field| field.index == index)?;
        let text = member.get(field.key_len..)?;
        Some(field.keys.key(text, &mut Vec::new()))
    }
}
