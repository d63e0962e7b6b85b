//! A simple model of sessions, written from the documentation, as a reference for the library.

use actix_secure_session_tests::{ABSOLUTE, IDLE, REFRESH};

/// The fields that the sequences change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    pub(crate) name: String,
    pub(crate) user_id: Option<u64>,
    /// Survives `regenerate` and `sign_in`.
    pub(crate) visits: u32,
}

/// A session in a cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) fields: Fields,
    /// Whether it has a member that the struct does not know.
    pub(crate) unknown: bool,
    pub(crate) created: u64,
    pub(crate) seen: u64,
    pub(crate) own_end: Option<u64>,
    pub(crate) authenticated: Option<u64>,
    pub(crate) key: u8,
}

/// An operation of a handler.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    ClearUser,
    Destroy,
    Read,
    Reauthenticate,
    Regenerate,
    RegenerateKeepingName,
    RememberFor(u64),
    SetName(String),
    SetUser(u64),
    SignIn,
    TakeUser,
    Touch,
    UpdateVisits,
    WithoutActivity,
}

/// The expected cookie of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sent {
    Nothing,
    Removal,
    Cookie { new_id: bool, session: Stored },
}

impl Stored {
    fn end(&self) -> u64 {
        let absolute = self.created + ABSOLUTE;
        self.own_end.unwrap_or(absolute.min(self.seen + IDLE))
    }

    /// Whether a server with these keys accepts it as a session at this time.
    pub(crate) fn opens(&self, now: u64, ring: &[u8]) -> bool {
        let latest = now + 60;
        let from_the_future =
            self.seen > latest || self.authenticated.is_some_and(|time| time > latest);
        ring.contains(&self.key) && !from_the_future && now < self.end()
    }
}

/// The state of one request.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Request {
    came: Option<Stored>,
    fields: Fields,
    unknown: bool,
    created: Option<u64>,
    own_end: Option<u64>,
    authenticated: Option<u64>,
    new_id: bool,
    send: bool,
    touched: bool,
    active: bool,
    inactive: bool,
    destroyed: bool,
}

/// The cookie that the response sends; `came` is the session that opened, if any.
pub(crate) fn respond<'a>(
    came: Option<Stored>,
    ops: impl Iterator<Item = &'a Op>,
    now: u64,
    sealing_key: u8,
) -> Sent {
    let mut ops = ops.peekable();
    if ops.peek().is_none() {
        return Sent::Nothing;
    }
    let mut request = match came {
        None => Request::default(),
        Some(stored) => Request {
            fields: stored.fields.clone(),
            unknown: stored.unknown,
            created: Some(stored.created),
            own_end: stored.own_end,
            authenticated: stored.authenticated,
            came: Some(stored),
            ..Request::default()
        },
    };
    for op in ops {
        request.run(op, now);
    }
    request.finish(now, sealing_key)
}

impl Request {
    fn run(&mut self, op: &Op, now: u64) {
        match op {
            Op::ClearUser | Op::TakeUser => self.fields.user_id = None,
            Op::Destroy => {
                *self = Self {
                    destroyed: true,
                    inactive: self.inactive,
                    ..Self::default()
                };
            }
            Op::Read => {}
            Op::Reauthenticate => self.reauthenticate(now),
            Op::Regenerate => {
                let visits = self.fields.visits;
                self.regenerate(Fields {
                    visits,
                    ..Fields::default()
                });
            }
            Op::RegenerateKeepingName => {
                let name = self.fields.name.clone();
                self.regenerate(Fields {
                    name,
                    ..Fields::default()
                });
            }
            Op::RememberFor(time) => {
                self.own_end = Some(now + time);
                self.send = true;
                self.active = true;
            }
            Op::SetName(name) => self.fields.name.clone_from(name),
            Op::SetUser(id) => self.fields.user_id = Some(*id),
            Op::SignIn => {
                self.run(&Op::Regenerate, now);
                self.own_end = None;
                self.reauthenticate(now);
            }
            Op::Touch => {
                self.send = true;
                self.touched = true;
            }
            Op::UpdateVisits => self.fields.visits += 1,
            Op::WithoutActivity => self.inactive = true,
        }
    }

    fn regenerate(&mut self, fields: Fields) {
        self.fields = fields;
        self.unknown = false;
        self.authenticated = None;
        self.new_id = true;
        self.active = true;
    }

    fn reauthenticate(&mut self, now: u64) {
        self.created = Some(now);
        self.authenticated = Some(now);
        self.new_id = true;
        self.send = true;
        self.touched = true;
    }

    fn finish(self, now: u64, sealing_key: u8) -> Sent {
        let before = self.came.as_ref().map(|came| came.fields.clone());
        let changed = self.fields != before.unwrap_or_default();
        let refresh = self.own_end.is_none()
            && !self.inactive
            && (self.came.as_ref()).is_some_and(|came| now.saturating_sub(came.seen) >= REFRESH);
        let must = self.send || changed || (self.came.is_some() && self.new_id);
        let other_key = self
            .came
            .as_ref()
            .is_some_and(|came| came.key != sealing_key);
        if !must && self.destroyed {
            return Sent::Removal;
        }
        if !must && !refresh && !other_key {
            return Sent::Nothing;
        }
        let activity = self.touched || (!self.inactive && (changed || self.active || refresh));
        let noted = self.came.as_ref().map_or(now, |came| came.seen);
        let created = self.created.unwrap_or(now);
        let seen = if activity { noted.max(now) } else { noted };
        Sent::Cookie {
            new_id: self.new_id || self.came.is_none(),
            session: Stored {
                fields: self.fields,
                unknown: self.unknown,
                created,
                seen: seen.max(created),
                own_end: self.own_end.map(|end| end.max(created)),
                authenticated: self.authenticated,
                key: sealing_key,
            },
        }
    }
}
