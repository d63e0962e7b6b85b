//! Session metadata, stored before the fields: the id, the times and the extensions.
//!
//! ```text
//! flags    1 byte          bit 0: own end, bit 1: authenticated, bit 2: schema version,
//!                          bit 3: extensions; others 0
//! id      16 bytes
//! created  5 bytes         Unix seconds, big-endian
//! seen     1–6 bytes       seconds after created, LEB128
//! [own end]                seconds after created, LEB128; if flag 0
//! [authenticated]          seconds after created, LEB128; if flag 1
//! [schema version]         LEB128, not 0; if flag 2
//! [extensions]             see `extensions.rs`; if flag 3
//! ```

use super::{SessionId, extensions::Extensions, leb128};
use crate::{
    policy::Times,
    time::{MAX_SKEW_SECONDS, MAX_TIME},
};

const OWN_END: u8 = 1;
const AUTHENTICATED: u8 = 1 << 1;
const SCHEMA_VERSION: u8 = 1 << 2;
const EXTENSIONS: u8 = 1 << 3;
const KNOWN_FLAGS: u8 = OWN_END | AUTHENTICATED | SCHEMA_VERSION | EXTENSIONS;

/// The length of a time in bytes.
const TIME_LEN: usize = 5;
const _: () = assert!(MAX_TIME == (1 << (8 * TIME_LEN)) - 1);

/// The session's id, times and extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) id: SessionId,
    pub(crate) times: Times,
    pub(crate) authenticated: Option<u64>,
    pub(crate) schema_version: u32,
    pub(crate) extensions: Extensions,
}

impl Envelope {
    /// Appends the envelope, with the higher of the two schema versions, so that a newer build's
    /// version is kept.
    ///
    /// Times before `created` are written as `created`; the library never creates such times.
    pub(crate) fn write(&self, version: u32, out: &mut Vec<u8>) {
        let version = self.schema_version.max(version);
        let created = self.times.created.min(MAX_TIME);
        let after_created = |time: u64| time.min(MAX_TIME).saturating_sub(created);
        let optional = [
            (OWN_END, self.times.own_end.map(after_created)),
            (AUTHENTICATED, self.authenticated.map(after_created)),
            (SCHEMA_VERSION, (version != 0).then_some(version.into())),
        ];
        let present = optional.iter().filter(|(_, value)| value.is_some());
        let flags = if self.extensions.is_empty() {
            0
        } else {
            EXTENSIONS
        };
        out.push(present.fold(flags, |flags, (flag, _)| flags | flag));
        out.extend_from_slice(self.id.as_bytes());
        let [_, _, _, time @ ..] = created.to_be_bytes();
        out.extend_from_slice(&time);
        leb128::write(out, after_created(self.times.seen));
        for (_, value) in optional {
            if let Some(value) = value {
                leb128::write(out, value);
            }
        }
        self.extensions.write(out);
    }

    /// Reads an envelope into this one and returns the bytes after it.
    ///
    /// Returns `None` for anything that [`write`](Self::write) does not write.
    #[inline]
    pub(crate) fn read<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let (&flags, bytes) = bytes.split_first()?;
        if flags & !KNOWN_FLAGS != 0 {
            return None;
        }
        let (id, bytes) = bytes.split_first_chunk()?;
        let (created, bytes) = bytes.split_first_chunk::<TIME_LEN>()?;
        let created = created
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let mut rest = leb128::Reader::new(bytes);
        let seen = time_after(created, rest.number()?)?;
        let mut own_end = None;
        if flags & OWN_END != 0 {
            own_end = Some(time_after(created, rest.number()?)?);
        }
        let mut authenticated = None;
        if flags & AUTHENTICATED != 0 {
            authenticated = Some(time_after(created, rest.number()?)?);
        }
        let mut schema_version = 0;
        if flags & SCHEMA_VERSION != 0 {
            schema_version = rest
                .number()?
                .try_into()
                .ok()
                .filter(|version| *version != 0)?;
        }
        let mut extensions = Extensions::default();
        if flags & EXTENSIONS != 0 {
            extensions = Extensions::read(&mut rest)?;
        }
        *self = Self {
            id: SessionId::from_bytes(*id),
            times: Times {
                created,
                seen,
                own_end,
            },
            authenticated,
            schema_version,
            extensions,
        };
        Some(rest.remaining())
    }

    /// Returns true if a time is further ahead of our clock than servers' clocks may differ.
    pub(crate) fn is_from_the_future(&self, now: u64) -> bool {
        let latest = now.saturating_add(MAX_SKEW_SECONDS);
        // Neither `seen` nor `authenticated` is before `created`.
        self.times.seen > latest || self.authenticated.is_some_and(|time| time > latest)
    }
}

fn time_after(created: u64, seconds: u64) -> Option<u64> {
    created
        .checked_add(seconds)
        .filter(|time| *time <= MAX_TIME)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Option<(Envelope, &[u8])> {
        let mut envelope = Envelope::begin(SessionId::NONE, 0);
        let rest = envelope.read(bytes)?;
        Some((envelope, rest))
    }

    fn envelope() -> Envelope {
        Envelope {
            id: SessionId::from_bytes([9; 16]),
            times: Times {
                created: 1_700_000_000,
                seen: 1_700_000_300,
                own_end: None,
            },
            authenticated: None,
            schema_version: 0,
            extensions: Extensions::default(),
        }
    }

    fn bytes(envelope: &Envelope) -> Vec<u8> {
        let mut out = Vec::new();
        envelope.write(0, &mut out);
        out
    }

    #[test]
    fn every_combination_of_optional_parts_round_trips() {
        for flags in 0..8 {
            let envelope = Envelope {
                times: Times {
                    own_end: (flags & 1 != 0).then_some(1_800_000_000),
                    ..envelope().times
                },
                authenticated: (flags & 2 != 0).then_some(1_700_000_000),
                schema_version: if flags & 4 == 0 { 0 } else { u32::MAX },
                ..envelope()
            };
            let mut out = bytes(&envelope);
            out.extend_from_slice(b"{}");
            assert_eq!(read(&out), Some((envelope, &b"{}"[..])));
        }
    }

    #[test]
    fn smallest_envelope_has_23_bytes() {
        let envelope = Envelope {
            times: Times {
                seen: 1_700_000_000,
                ..envelope().times
            },
            ..envelope()
        };
        assert_eq!(bytes(&envelope).len(), 23);
    }

    #[test]
    fn largest_times_round_trip_and_larger_ones_are_rejected() {
        let envelope = Envelope {
            times: Times {
                created: 0,
                seen: MAX_TIME,
                own_end: Some(MAX_TIME),
            },
            ..envelope()
        };
        assert_eq!(read(&bytes(&envelope)).unwrap().0, envelope);

        let mut beyond = bytes(&Envelope {
            times: Times {
                created: MAX_TIME,
                seen: MAX_TIME,
                own_end: None,
            },
            ..envelope
        });
        *beyond.last_mut().unwrap() = 1;
        assert_eq!(read(&beyond), None);
    }

    #[test]
    fn unknown_flags_and_longer_forms_of_numbers_are_rejected() {
        let sound = bytes(&envelope());
        for flag in [16, 32, 64, 128] {
            let mut odd = sound.clone();
            odd[0] |= flag;
            assert_eq!(read(&odd), None);
        }
        let mut longer = sound.clone();
        *longer.last_mut().unwrap() |= 0x80;
        longer.push(0);
        assert_eq!(read(&longer), None);
        let endless = [&sound[..22], &[0x80; 9]].concat();
        assert_eq!(read(&endless), None);
    }

    #[test]
    fn truncated_envelope_is_rejected_at_every_length() {
        let sound = bytes(&envelope());
        for len in 0..sound.len() {
            assert_eq!(read(&sound[..len]), None, "{len}");
        }
    }

    #[test]
    fn times_may_be_at_most_a_minute_ahead() {
        let envelope = envelope();
        assert!(!envelope.is_from_the_future(1_700_000_240));
        assert!(envelope.is_from_the_future(1_700_000_239));
    }

    #[test]
    fn authentication_may_be_at_most_a_minute_ahead() {
        let envelope = Envelope {
            authenticated: Some(1_700_000_500),
            ..envelope()
        };
        assert!(!envelope.is_from_the_future(1_700_000_600));
        assert!(!envelope.is_from_the_future(1_700_000_440));
        assert!(envelope.is_from_the_future(1_700_000_439));
    }
}
