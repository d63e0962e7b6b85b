//! The JSON object of a session as it was received, so that members that are not written can be
//! sent back byte for byte.

use std::{borrow::Cow, fmt, hint, mem};

use smallvec::SmallVec;

use super::Mistake;
use crate::schema::field_set::FieldSet;

/// The members of a received object, after `migrate`.
#[derive(Clone)]
pub(crate) struct ReceivedMembers {
    text: ObjectText,
    pub(super) kind: Kind,
    pub(super) members: SmallVec<[Member; 8]>,
    /// The indices and names of members that belong to no field, except names that do not fit a
    /// `String`.
    pub(super) names: Vec<(usize, Box<str>)>,
    /// The text has a member that is not in the list, because `forget` names it.
    pub(super) has_forgotten: bool,
    /// One of the members is the time of issue.
    pub(super) has_time: bool,
    /// The fields that were read from a member.
    pub(super) read: FieldSet,
    /// The fields whose member could not be read or is `null`.
    pub(super) defaulted: FieldSet,
}

/// The kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Native,
    /// One member is the time of issue.
    #[cfg(feature = "fastify")]
    Timed,
}

/// A member, by its position in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    /// The start of the name, including its quotation mark.
    pub(super) start: u32,
    /// The start of the value.
    pub(super) value: u32,
    pub(super) end: u32,
    pub(super) kind: MemberKind,
    /// The member has the current name of its field.
    pub(super) is_current: bool,
}

const _: () = assert!(size_of::<Member>() == 16);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberKind {
    /// A field, under its current name.
    Field(u8),
    /// A field, under an earlier name.
    Alias { field: u8, rank: u8 },
    /// A member that does not fit its field, under any of the field's names.
    Misfit { field: u8, mistake: Mistake },
    /// `null` for a field that does not accept it. The field has its default.
    Null(u8),
    /// A member in the map of the `rest` field.
    Rest,
    /// Any other member.
    Unknown,
    /// The time of issue in the fastify format.
    #[cfg(feature = "fastify")]
    Time,
}

impl MemberKind {
    /// Returns the field that the member belongs to.
    pub(super) fn field(self) -> Option<usize> {
        match self {
            Self::Field(field)
            | Self::Alias { field, .. }
            | Self::Misfit { field, .. }
            | Self::Null(field) => Some(field.into()),
            _ => None,
        }
    }
}

/// The list of a text's members, while the text is being read.
pub(super) struct MemberList<'a> {
    members: &'a mut SmallVec<[Member; 8]>,
    names: &'a mut Vec<(usize, Box<str>)>,
}

impl MemberList<'_> {
    /// Adds a member of a field.
    #[inline]
    pub(super) fn push(&mut self, member: Member) {
        self.members.push(member);
    }

    /// Adds a member that belongs to no field. `name` is `None` if it does not fit a `String`.
    pub(super) fn push_other(&mut self, member: Member, name: Option<Cow<'_, str>>) {
        if let Some(name) = name {
            let index = self.members.len();
            self.names.push((index, name.into_owned().into_boxed_str()));
        }
        self.members.push(member);
    }
}

impl ReceivedMembers {
    pub(super) fn new(text: String, kind: Kind) -> Self {
        Self {
            text: ObjectText(text),
            kind,
            members: SmallVec::new(),
            names: Vec::new(),
            has_forgotten: false,
            has_time: false,
            read: FieldSet::EMPTY,
            defaulted: FieldSet::EMPTY,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text.0
    }

    /// Returns the text and the list to add its members to.
    #[inline]
    pub(super) fn begin(&mut self) -> (&str, MemberList<'_>) {
        let list = MemberList {
            members: &mut self.members,
            names: &mut self.names,
        };
        (&self.text.0, list)
    }

    /// Returns the names of the members that the struct does not know. Omits names that do not fit
    /// a `String`.
    pub(crate) fn unknown_names(&self) -> impl Iterator<Item = &str> {
        self.names_of(MemberKind::Unknown)
    }

    /// Returns the text of the value of a member that the struct does not know.
    pub(crate) fn unknown_text(&self, name: &str) -> Option<&str> {
        let is_it = |(_, other): &&(usize, Box<str>)| **other == *name;
        let (index, _) = self.names.iter().find(is_it)?;
        let member = self.members.get(*index)?;
        (member.kind == MemberKind::Unknown).then(|| self.value_of(member))
    }

    /// Returns the name of the member at this index, if it belongs to no field.
    pub(super) fn name_of(&self, index: usize) -> Option<&str> {
        let at = self.names.binary_search_by_key(&index, |(index, _)| *index);
        let (_, name) = self.names.get(at.ok()?)?;
        Some(name)
    }

    fn names_of(&self, kind: MemberKind) -> impl Iterator<Item = &str> {
        let is_of_kind = move |index: &usize| {
            self.members
                .get(*index)
                .is_some_and(|member| member.kind == kind)
        };
        let names = self
            .names
            .iter()
            .filter(move |(index, _)| is_of_kind(index));
        names.map(|(_, name)| &**name)
    }

    /// Returns the fields whose member did not fit, and why, in the order of the members.
    pub(crate) fn misfits(&self) -> impl Iterator<Item = (usize, Mistake)> {
        let members = if self.defaulted == FieldSet::EMPTY {
            &[]
        } else {
            self.members.as_slice()
        };
        members.iter().filter_map(|member| match member.kind {
            MemberKind::Misfit { field, mistake } => Some((field.into(), mistake)),
            _ => None,
        })
    }

    /// Returns the fields that have their default because their member could not be read or is
    /// `null`.
    pub(crate) fn defaulted(&self) -> FieldSet {
        self.defaulted
    }

    /// Returns the fields that were read from a member.
    pub(crate) fn read(&self) -> FieldSet {
        self.read
    }

    /// Returns the names of the members in the map of the `rest` field.
    pub(super) fn rest_names(&self) -> impl Iterator<Item = &str> {
        self.names_of(MemberKind::Rest)
    }

    /// Returns the index of a field's member: the one with its current name, or else its first
    /// alias.
    pub(super) fn place_of(&self, field: usize) -> Option<usize> {
        let of_field = |member: &Member| member.kind.field() == Some(field);
        let current = |member: &Member| of_field(member) && member.is_current;
        let index = self.members.iter().position(current);
        index.or_else(|| self.members.iter().position(of_field))
    }

    /// Returns the length of a field's members, in bytes.
    pub(super) fn size_of(&self, field: usize, is_rest: bool) -> usize {
        let is_of_field = |member: &&Member| match member.kind {
            MemberKind::Rest => is_rest,
            kind => kind.field() == Some(field),
        };
        let members = self.members.iter().filter(is_of_field);
        members
            .map(|member| self.text_of(member).len())
            .fold(0, usize::saturating_add)
    }

    /// Returns the received text of a member, `"name":value`.
    pub(super) fn text_of(&self, member: &Member) -> &str {
        self.slice(member.start, member.end)
    }

    /// Returns the received text from one member to another, including everything between them.
    pub(super) fn text_from_to(&self, first: &Member, last: &Member) -> &str {
        self.slice(first.start, last.end)
    }

    /// Returns the received text of a member's value.
    pub(super) fn value_of(&self, member: &Member) -> &str {
        self.slice(member.value, member.end)
    }

    fn slice(&self, start: u32, end: u32) -> &str {
        let range = start as usize..end as usize;
        #[expect(clippy::expect_used, reason = "the positions are from this text")]
        self.text().get(range).expect("the range is in the text")
    }
}

impl fmt::Debug for ReceivedMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedMembers").finish_non_exhaustive()
    }
}

/// Plaintext that is overwritten with zeros when it is dropped.
///
/// All bytes are overwritten at once: byte by byte, it would cost more than reading the session.
#[derive(Clone)]
struct ObjectText(String);

impl Drop for ObjectText {
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        hint::black_box(&bytes);
    }
}
