//! The object of a session as it was received, so that members which nobody wrote go back as they
//! came.

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
    /// The names of members that belong to no field, by their places; not of those that no `String`
    /// holds.
    pub(super) names: Vec<(usize, Box<str>)>,
    /// A member of the text is not in the list, as `forget` names it.
    pub(super) has_forgotten: bool,
    /// One of the members is the time of issue.
    pub(super) has_time: bool,
    /// The fields that a member was read into.
    pub(super) read: FieldSet,
    /// The fields whose member could not be read, or is `null`.
    pub(super) defaulted: FieldSet,
}

/// How the members of an object are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Native,
    /// One member is the time of issue.
    #[cfg(feature = "fastify")]
    Timed,
}

/// One member, by its place in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    /// Where the name begins, with its quotation mark.
    pub(super) start: u32,
    /// Where the value begins.
    pub(super) value: u32,
    pub(super) end: u32,
    pub(super) kind: MemberKind,
    /// It has the current name of its field.
    pub(super) is_current: bool,
}

const _: () = assert!(size_of::<Member>() == 16);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberKind {
    /// The current name of a field.
    Field(u8),
    /// An earlier name of a field.
    Alias { field: u8, rank: u8 },
    /// A member of a field, under any of its names, that does not fit it.
    Misfit { field: u8, mistake: Mistake },
    /// `null` for a field that refuses it. The field has its default.
    Null(u8),
    /// A member that is in the map of the `rest` field.
    Rest,
    /// Any other member.
    Unknown,
    /// The time of issue in the fastify format.
    #[cfg(feature = "fastify")]
    Time,
}

impl MemberKind {
    /// The field that the member belongs to.
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

/// The members of a text, while they are read from it.
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

    /// Adds a member that belongs to no field; `name` is `None` if no `String` holds it.
    pub(super) fn push_other(&mut self, member: Member, name: Option<Cow<'_, str>>) {
        if let Some(name) = name {
            let place = self.members.len();
            self.names.push((place, name.into_owned().into_boxed_str()));
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

    /// Returns the text and the list of its members, to fill it.
    #[inline]
    pub(super) fn begin(&mut self) -> (&str, MemberList<'_>) {
        let list = MemberList {
            members: &mut self.members,
            names: &mut self.names,
        };
        (&self.text.0, list)
    }

    /// The names of the members that the struct does not know, if a `String` holds them.
    pub(crate) fn unknown_names(&self) -> impl Iterator<Item = &str> {
        self.names_of(MemberKind::Unknown)
    }

    /// The value of a member that the struct does not know, as it came.
    pub(crate) fn unknown_text(&self, name: &str) -> Option<&str> {
        let is_it = |(_, other): &&(usize, Box<str>)| **other == *name;
        let (place, _) = self.names.iter().find(is_it)?;
        let member = self.members.get(*place)?;
        (member.kind == MemberKind::Unknown).then(|| self.value_of(member))
    }

    /// The name of the member at this place, if it belongs to no field.
    pub(super) fn name_of(&self, place: usize) -> Option<&str> {
        let at = self.names.binary_search_by_key(&place, |(place, _)| *place);
        let (_, name) = self.names.get(at.ok()?)?;
        Some(name)
    }

    fn names_of(&self, kind: MemberKind) -> impl Iterator<Item = &str> {
        let is_of_kind = move |place: &usize| {
            self.members
                .get(*place)
                .is_some_and(|member| member.kind == kind)
        };
        let names = self
            .names
            .iter()
            .filter(move |(place, _)| is_of_kind(place));
        names.map(|(_, name)| &**name)
    }

    /// The fields whose members did not fit, and why, in the order of the members.
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

    /// Fields with a default in place of a member that could not be read, or that is `null`.
    pub(crate) fn defaulted(&self) -> FieldSet {
        self.defaulted
    }

    /// Fields that a member was read into.
    pub(crate) fn read(&self) -> FieldSet {
        self.read
    }

    /// The names of the members in the map of the `rest` field.
    pub(super) fn rest_names(&self) -> impl Iterator<Item = &str> {
        self.names_of(MemberKind::Rest)
    }

    /// The place of a field among the members: that of its current name, else of its first alias.
    pub(super) fn place_of(&self, field: usize) -> Option<usize> {
        let of_field = |member: &Member| member.kind.field() == Some(field);
        let current = |member: &Member| of_field(member) && member.is_current;
        let place = self.members.iter().position(current);
        place.or_else(|| self.members.iter().position(of_field))
    }

    /// How many bytes the members of a field take.
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

    /// The member as it came, `"name":value`.
    pub(super) fn text_of(&self, member: &Member) -> &str {
        self.slice(member.start, member.end)
    }

    /// The members from one to another as they came, with what is between them.
    pub(super) fn text_from_to(&self, first: &Member, last: &Member) -> &str {
        self.slice(first.start, last.end)
    }

    /// The value of a member as it came.
    pub(super) fn value_of(&self, member: &Member) -> &str {
        self.slice(member.value, member.end)
    }

    fn slice(&self, start: u32, end: u32) -> &str {
        let range = start as usize..end as usize;
        #[expect(clippy::expect_used, reason = "the places were found in this text")]
        self.text().get(range).expect("the place is in the text")
    }
}

impl fmt::Debug for ReceivedMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedMembers").finish_non_exhaustive()
    }
}

/// Plaintext that is wiped when it is dropped.
///
/// In one piece: byte by byte it would cost more than to read the session.
#[derive(Clone)]
struct ObjectText(String);

impl Drop for ObjectText {
    fn drop(&mut self) {
        let mut bytes = mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        hint::black_box(&bytes);
    }
}
