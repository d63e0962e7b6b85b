//! Several keys: one seals, all open.

use std::{
    env,
    ffi::OsString,
    fs::File,
    io::{self, Read as _},
    iter,
    path::Path,
    str::FromStr,
};

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{Key, KeyError, KeyProblem, KeySource, text};
#[cfg(unix)]
use crate::log::event;

/// The most that is read of a key file: far more than the text of 16 keys.
pub(super) const MAX_FILE_BYTES: u64 = 64 * 1024;

/// The keys of a session: the first seals, every one of them opens.
///
/// To change keys without logging anyone out, in a deployment with several instances:
///
/// 1. `old,new`: every instance can open what the others will soon seal,
/// 2. `new,old`: cookies sealed with the old key are sealed again as they come in,
/// 3. `new`, once the longest lifetime has passed, that of `remember_for` included.
///
/// # Examples
///
/// ```
/// use secure_session::{Key, KeyRing};
///
/// let [new, old] = [Key::generate()?, Key::generate()?];
/// let ring = KeyRing::new(new).with_decrypt_only_key(old)?;
/// assert_eq!(ring.len(), 2);
/// # Ok::<(), secure_session::KeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyRing {
    sealing: Key,
    /// Keys that only open. No two keys of the ring are equal.
    others: Vec<Key>,
}

impl KeyRing {
    /// The most keys a ring can hold: 16.
    pub const MAX_KEYS: usize = 16;

    /// Makes a ring of one key that seals and opens.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self {
            sealing: key,
            others: Vec::new(),
        }
    }

    /// Makes a ring of several keys; the first seals.
    ///
    /// # Errors
    ///
    /// - [`KeyProblem::Empty`] without any key.
    /// - [`KeyProblem::Duplicate`] when a key stands in the list twice.
    /// - [`KeyProblem::TooMany`] for more than [`MAX_KEYS`](Self::MAX_KEYS).
    pub fn from_keys(keys: impl IntoIterator<Item = Key>) -> Result<Self, KeyError> {
        let mut keys = keys.into_iter();
        let sealing = keys
            .next()
            .ok_or_else(|| KeyError::new(KeyProblem::Empty))?;
        let others = keys.collect();
        Self { sealing, others }.checked()
    }

    /// Adds a key that only opens: one from before, or the next one, ahead of its use.
    ///
    /// # Errors
    ///
    /// - [`KeyProblem::Duplicate`] when the ring has this key.
    /// - [`KeyProblem::TooMany`] when the ring is full.
    pub fn with_decrypt_only_key(mut self, key: Key) -> Result<Self, KeyError> {
        self.others.push(key);
        self.checked()
    }

    /// Reads keys from an environment variable, separated by commas or line ends; the first
    /// seals.
    ///
    /// Each key is 64 hexadecimal digits, or 43 or 44 base64 characters in either alphabet; blanks
    /// around it do not matter.
    ///
    /// # Errors
    ///
    /// - [`KeyProblem::Unset`], [`KeyProblem::Empty`] when there is nothing to read.
    /// - [`KeyProblem::Text`], [`KeyProblem::Duplicate`],
    ///   [`KeyProblem::TooMany`] for keys that cannot be used, with their position.
    /// - [`KeyProblem::ByteOrderMark`], [`KeyProblem::Utf8`] for what is not plain text.
    pub fn from_env(name: &str) -> Result<Self, KeyError> {
        Self::from_variable(env::var_os(name))
            .map_err(|err| err.read_from(KeySource::Environment(name.to_owned())))
    }

    /// Reads keys from a file, separated by commas or line ends; the first seals.
    ///
    /// Each key is 64 hexadecimal digits, or 43 or 44 base64 characters in either alphabet; a
    /// line end at the end of the file is ignored. A file of exactly 32 bytes is one raw key.
    ///
    /// # Security
    ///
    /// Only the application may read the file, and only its owner may write it: who writes it can
    /// make every session. On Unix a file that its group or others can write is a warning in the
    /// log.
    ///
    /// # Errors
    ///
    /// - [`KeyProblem::Unreadable`] with the cause as `source()`, when the file cannot be read.
    /// - [`KeyProblem::FileTooLarge`] for more than 64 KiB.
    /// - [`KeyProblem::Empty`], [`KeyProblem::Text`], [`KeyProblem::Duplicate`],
    ///   [`KeyProblem::TooMany`] for keys that cannot be used, with their position.
    /// - [`KeyProblem::ByteOrderMark`], [`KeyProblem::Utf16`], [`KeyProblem::Utf8`] for what is
    ///   not plain text.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let path = path.as_ref();
        read_file(path)
            .and_then(|bytes| text::list_or_raw(&bytes))
            .and_then(Self::from_keys)
            .map_err(|err| err.read_from(KeySource::File(path.to_owned())))
    }

    /// How many keys there are, at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a ring is never empty")]
    pub fn len(&self) -> usize {
        self.keys().count()
    }

    /// The key that seals.
    pub(crate) fn sealing(&self) -> &Key {
        &self.sealing
    }

    /// The keys that only open.
    pub(crate) fn others(&self) -> &[Key] {
        &self.others
    }

    /// Returns the keys, the one that seals first.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        iter::once(&self.sealing).chain(&self.others)
    }

    fn checked(self) -> Result<Self, KeyError> {
        let len = self.len();
        if len > Self::MAX_KEYS {
            return Err(KeyError::new(KeyProblem::TooMany { keys: len }));
        }
        for (index, key) in self.keys().enumerate() {
            let earlier = self.keys().take(index);
            if let Some(first) = position(earlier, key) {
                return Err(KeyError::new(KeyProblem::Duplicate { first }).at(index));
            }
        }
        Ok(self)
    }

    fn from_variable(value: Option<OsString>) -> Result<Self, KeyError> {
        let value = value.ok_or_else(|| KeyError::new(KeyProblem::Unset))?;
        let mut text = value
            .into_string()
            .map_err(|_| KeyError::new(KeyProblem::Utf8))?;
        let keys = text::list(&text);
        text.zeroize();
        keys.and_then(Self::from_keys)
    }
}

/// Its keys are.
impl ZeroizeOnDrop for KeyRing {}

/// Reads keys from text, as [`from_env`](KeyRing::from_env) does, for example from a secret store.
///
/// # Examples
///
/// ```
/// use secure_session::{Key, KeyRing};
///
/// let err = "no key at all".parse::<KeyRing>().unwrap_err();
/// assert!(err.to_string().starts_with("key 1 has 13 characters"));
/// ```
impl FromStr for KeyRing {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        text::list(text).and_then(Self::from_keys)
    }
}

impl From<Key> for KeyRing {
    fn from(key: Key) -> Self {
        Self::new(key)
    }
}

/// Reads a key file to its end, which a device need not have.
fn read_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let (bytes, is_whole) = read_up_to(path, MAX_FILE_BYTES).map_err(KeyError::unreadable)?;
    if is_whole {
        Ok(bytes)
    } else {
        Err(KeyError::new(KeyProblem::FileTooLarge))
    }
}

/// Reads at most so many bytes of a file; false if there are more.
fn read_up_to(path: &Path, most: u64) -> io::Result<(Zeroizing<Vec<u8>>, bool)> {
    let file = File::open(path)?;
    #[cfg(unix)]
    report_writable(path, &file.metadata()?);
    // With room for everything, so that no copy is left behind.
    let room = usize::try_from(most).map_err(io::Error::other)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room.saturating_add(1)));
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    let is_whole = bytes.len() <= room;
    Ok((bytes, is_whole))
}

/// Warns of a key file that more than its owner can write.
#[cfg(unix)]
fn report_writable(path: &Path, metadata: &std::fs::Metadata) {
    use std::os::unix::fs::PermissionsExt as _;

    const OTHERS_WRITE: u32 = 0o022;
    let mode = metadata.permissions().mode();
    if metadata.is_file() && mode & OTHERS_WRITE != 0 {
        event!(
            warn,
            "session.key_file_writable",
            path = %path.display().to_string().escape_debug(),
            mode = format_args!("{:03o}", mode & 0o777),
            "others than its owner can write the key file, and so make every session; take that \
             away with `chmod go-w`"
        );
    }
}

fn position<'a>(mut keys: impl Iterator<Item = &'a Key>, key: &Key) -> Option<usize> {
    keys.position(|other| bool::from(other.ct_eq(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(first: u8) -> Key {
        Key::from_bytes((first..first + 32).collect::<Vec<_>>()).unwrap()
    }

    fn hex(first: u8) -> String {
        let digits = (first..first + 32).map(|byte| format!("{byte:02x}"));
        digits.collect::<Vec<_>>().concat()
    }

    #[test]
    fn an_empty_list_is_refused() {
        let err = KeyRing::from_keys([]).unwrap_err();
        assert_eq!(err.problem(), &KeyProblem::Empty);
        assert_eq!(
            err.to_string(),
            "key ring holds no key; make a key with `openssl rand -hex 32`"
        );
    }

    #[test]
    fn a_key_that_stands_twice_is_named_by_both_positions() {
        let err = KeyRing::from_keys([key(0), key(1), key(0)]).unwrap_err();
        assert_eq!(err.index(), Some(2));
        assert_eq!(
            err.to_string(),
            "key 3 is the same as key 1; remove one of them"
        );
    }

    #[test]
    fn sixteen_keys_are_the_most() {
        let keys = |n| (0..n).map(key);
        assert_eq!(KeyRing::from_keys(keys(16)).unwrap().len(), 16);
        let err = KeyRing::from_keys(keys(17)).unwrap_err();
        assert_eq!(err.problem(), &KeyProblem::TooMany { keys: 17 });
    }

    #[test]
    fn one_bad_key_of_two_is_named_by_position_and_never_by_content() {
        let err = KeyRing::from_variable(Some(format!("{},c0ffee", hex(7)).into()))
            .map_err(|err| err.read_from(KeySource::Environment("SESSION_KEYS".into())))
            .unwrap_err();
        assert_eq!(
            err.to_string(),
            "key 2 of environment variable `SESSION_KEYS` has 6 characters and is neither 64 \
             hexadecimal digits nor 43 or 44 base64 characters; make a key with `openssl rand \
             -hex 32`"
        );
        assert!(!format!("{err:?}").contains("c0ffee"));
    }

    #[test]
    fn keys_keep_the_order_in_which_they_were_given() {
        let added = KeyRing::new(key(0)).with_decrypt_only_key(key(1)).unwrap();
        let read: KeyRing = format!("{},{}", hex(0), hex(1)).parse().unwrap();
        for ring in [added, read] {
            let places = [key(0), key(1)].map(|key| position(ring.keys(), &key));
            assert_eq!(places, [Some(0), Some(1)]);
        }
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let err = KeyRing::from_env("SESSION_KEYS_THAT_NOBODY_SET").unwrap_err();
        assert_eq!(err.problem(), &KeyProblem::Unset);
        assert!(err.to_string().contains("`SESSION_KEYS_THAT_NOBODY_SET`"));
    }

    #[test]
    fn a_file_that_is_not_there_is_named_and_the_cause_kept() {
        let err = KeyRing::from_file("no/such/file").unwrap_err();
        assert_eq!(err.to_string(), "key file `no/such/file` cannot be read");
        assert!(std::error::Error::source(&err).is_some());
    }

    #[test]
    fn debug_of_a_ring_shows_how_many_keys_and_no_byte() {
        let ring = KeyRing::new(key(0)).with_decrypt_only_key(key(1)).unwrap();
        assert_eq!(
            format!("{ring:?}"),
            "KeyRing { sealing: Key(..), others: [Key(..)] }"
        );
    }
}
