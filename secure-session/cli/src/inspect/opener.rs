//! Decrypts cookies of either format, now or at another time.

use secure_session::{
    __cli, RejectReason, SecureSession, SessionId, codec::Opened, test_util::TestClock,
};
use serde_json::Value;

use super::{
    diagnosis,
    report::{Report, Revocation, Verdict},
};
use crate::{
    failure::Failure,
    revoked::RevocationList,
    settings::{Format, Keys, Settings},
    time::unix_seconds,
};

// Without fields, so that every member keeps its text.
#[derive(SecureSession)]
#[session(cookie = "session")]
struct NativeSession {}

#[derive(SecureSession)]
#[session(format = "fastify")]
struct FastifySession {}

/// The latest time that a cookie can contain: 40 bits.
const LAST_SECOND: u64 = (1 << 40) - 1;

/// The content of a cookie.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) key_index: usize,
    pub(crate) times: Times,
    pub(crate) expires: u64,
    /// Names and JSON texts, in the order of the cookie.
    pub(crate) members: Vec<(String, String)>,
}

/// The times of a session, in seconds since 1970, and its other metadata in that format.
#[derive(Debug)]
pub(crate) enum Times {
    Fastify {
        issued: u64,
    },
    Native {
        id: SessionId,
        /// The highest number of revocations that was known when the user authenticated.
        proof: u64,
        created: u64,
        seen: u64,
        authenticated: Option<u64>,
        schema_version: u32,
    },
}

impl Times {
    fn id(&self) -> Option<SessionId> {
        match self {
            Self::Fastify { .. } => None,
            Self::Native { id, .. } => Some(*id),
        }
    }
}

/// Why a cookie cannot be shown.
#[derive(Debug)]
pub(crate) enum Refusal {
    Closed(RejectReason),
    /// It opens, but this member contains half a surrogate pair, which JSON parsers reject. The
    /// library keeps its text unparsed if no field has its name.
    Unreadable {
        member: String,
        id: Option<SessionId>,
    },
}

impl Refusal {
    pub(crate) fn reason(&self) -> RejectReason {
        match self {
            Self::Closed(reason) => *reason,
            Self::Unreadable { .. } => RejectReason::Malformed,
        }
    }
}

impl From<RejectReason> for Refusal {
    fn from(reason: RejectReason) -> Self {
        Self::Closed(reason)
    }
}

/// Opens the cookies of one name in one format.
pub(crate) struct Opener {
    format: Format,
    name: String,
    now_millis: u64,
    clock: TestClock,
    open: Box<dyn Fn(&str) -> Result<Session, Refusal>>,
}

impl Opener {
    pub(crate) fn new(
        format: Format,
        name: &str,
        settings: &Settings,
        keys: &Keys,
    ) -> Result<Self, Failure> {
        let now_millis = settings.now_millis();
        let clock = TestClock::at_millis(now_millis);
        let open: Box<dyn Fn(&str) -> _> = match format {
            Format::Fastify => {
                let codec = settings.fastify::<FastifySession>(name, keys, &clock)?;
                Box::new(move |value| {
                    let opened = codec.open(value)?;
                    let times = Times::Fastify {
                        issued: unix_seconds(opened.issued_at()),
                    };
                    let expires = unix_seconds(opened.expires_at(&codec));
                    Session::new(&opened, times, expires)
                })
            }
            Format::Native => {
                let codec = settings.native::<NativeSession>(name, keys, &clock)?;
                Box::new(move |value| {
                    let opened = codec.open(value)?;
                    let times = Times::Native {
                        id: opened.id(),
                        proof: __cli::proof(&opened),
                        created: unix_seconds(opened.created_at()),
                        seen: unix_seconds(opened.seen_at()),
                        authenticated: opened.authenticated_at().map(unix_seconds),
                        schema_version: opened.schema_version(),
                    };
                    let expires = unix_seconds(opened.expires_at(&codec));
                    Session::new(&opened, times, expires)
                })
            }
        };
        Ok(Self {
            format,
            name: name.to_owned(),
            now_millis,
            clock,
            open,
        })
    }

    /// Decrypts a value now.
    pub(crate) fn open(&self, value: &str) -> Result<Session, Refusal> {
        self.open_at(self.now_millis, value)
    }

    /// Decrypts a value at a time within its limits, if there is one.
    ///
    /// Before its creation a session is rejected as malformed, because it is from the future; after
    /// its end, as expired. A binary search finds a time in between.
    pub(crate) fn open_in_its_time(&self, value: &str) -> Option<Session> {
        let (mut earliest, mut latest) = (0, LAST_SECOND);
        while earliest <= latest {
            let middle = earliest.midpoint(latest);
            match self.open_at(middle.saturating_mul(1000), value) {
                Ok(session) => return Some(session),
                Err(Refusal::Closed(RejectReason::Malformed)) => earliest = middle + 1,
                Err(Refusal::Closed(RejectReason::Expired(_))) => latest = middle.checked_sub(1)?,
                Err(_) => return None,
            }
        }
        None
    }

    /// Returns the id of an authentic session that is within its limits, or from the future: it is
    /// valid where the clock is ahead.
    pub(crate) fn id(&self, value: &str) -> Option<SessionId> {
        let session = match self.open(value) {
            Ok(session) => session,
            Err(Refusal::Unreadable { id, .. }) => return id,
            Err(Refusal::Closed(RejectReason::Malformed)) => self.open_in_its_time(value)?,
            Err(Refusal::Closed(_)) => return None,
        };
        session.times.id()
    }

    /// Decrypts a value, looks for it in the list of revoked sessions, and reports the result.
    pub(crate) fn report(
        &self,
        value: &str,
        settings: &Settings,
        keys: &Keys,
        list: Option<&RevocationList>,
    ) -> Report {
        let revocation;
        let verdict = match self.open(value) {
            Ok(session) => {
                revocation = list.and_then(|list| self.revocation(&session, settings, list));
                match &revocation {
                    Some(found) if !found.causes.is_empty() => Verdict::Fails {
                        reason: RejectReason::Revoked,
                        explanation: Vec::new(),
                        in_its_time: Some(session),
                    },
                    _ => Verdict::Opens(session),
                }
            }
            Err(refusal) => {
                let in_its_time = self.open_in_its_time(value);
                revocation = (list.zip(in_its_time.as_ref()))
                    .and_then(|(list, session)| self.revocation(session, settings, list));
                let case = diagnosis::Case {
                    name: &self.name,
                    value,
                    refusal: &refusal,
                    in_its_time: in_its_time.as_ref(),
                    settings,
                    keys,
                };
                Verdict::Fails {
                    reason: refusal.reason(),
                    explanation: match self.format {
                        Format::Fastify => diagnosis::of_fastify(&case),
                        Format::Native => diagnosis::of_native(&case),
                    },
                    in_its_time,
                }
            }
        };
        Report {
            verdict,
            revocation,
            format: Some(self.format),
            name: Some(self.name.clone()),
            size: Some(self.name.len() + 1 + value.len()),
            keys: keys.ring.len(),
            now: self.now_millis / 1000,
        }
    }

    /// Looks for a session in the list. Returns `None` if it cannot be revoked.
    fn revocation(
        &self,
        session: &Session,
        settings: &Settings,
        list: &RevocationList,
    ) -> Option<Revocation> {
        let Times::Native { id, proof, .. } = session.times else {
            return None;
        };
        let session_type = settings.type_of(&self.name);
        Some(Revocation {
            causes: list.causes(&session_type, id, proof, &session.members),
            may_be_incomplete: list.newer > 0,
        })
    }

    fn open_at(&self, millis: u64, value: &str) -> Result<Session, Refusal> {
        self.clock.set_millis(millis);
        (self.open)(value)
    }
}

impl Session {
    fn new<T: SecureSession>(
        opened: &Opened<T>,
        times: Times,
        expires: u64,
    ) -> Result<Self, Refusal> {
        let mut members = Vec::new();
        for name in opened.unknown_members() {
            let text = opened.unknown_member(name).unwrap_or("null");
            if serde_json::from_str::<Value>(text).is_err() {
                return Err(Refusal::Unreadable {
                    member: name.to_owned(),
                    id: times.id(),
                });
            }
            members.push((name.to_owned(), text.to_owned()));
        }
        Ok(Self {
            key_index: opened.key_index(),
            times,
            expires,
            members,
        })
    }
}
