//! A ring of keys: the first encrypts, all decrypt.

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

/// The maximum size of a key file; the text of 16 keys is far shorter.
pub(super) const MAX_FILE_BYTES: u64 = 64 * 1024;

/// The keys of a session: the first encrypts, all of them decrypt.
///
/// To rotate keys without logging anyone out, deploy these lists to all instances, one after the
/// other:
///
/// 1. `old,new`: every instance can open what the others will encrypt after the next step.
/// 2. `new,old`: cookies under the old key are encrypted again when they are received.
/// 3. `new`: after the longest lifetime has passed, including that of `remember_for`.
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
    /// The keys that only decrypt. No two keys of the ring are equal.
    others: Vec<Key>,
}

impl KeyRing {
    /// The maximum number of keys in a ring.
    pub const MAX_KEYS: usize = 16;

    /// Makes a ring of one key, which encrypts and decrypts.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self {
            sealing: key,
            others: Vec::new(),
        }
    }

    /// Makes a ring of several keys; the first encrypts.
    ///
    /// # Errors
    ///
    /// - [`KeyProblem::Empty`] if there is no key.
    /// - [`KeyProblem::Duplicate`] if two keys are the same.
    /// - [`KeyProblem::TooMany`] for more than [`MAX_KEYS`](Self::MAX_KEYS).
    pub fn from_keys(keys: impl IntoIterator<Item = Key>) -> Result<Self, KeyError> {
        let mut keys = keys.into_iter();
        let sealing = keys
            .next()
            .ok_or_else(|| KeyError::new(KeyProblem::Empty))?;
        let others = keys.collect();
        Self { sealing, others }.checked()
    }

    /// Adds a key that only decrypts: an old one, or the next one before its use.
    ///
    /// # Errors
    ///
    /// - [`KeyProblem::Duplicate`] if the ring already has this key.
    /// - [`KeyProblem::TooMany`] if the ring is full.
    pub fn with_decrypt_only_key(mut self, key: Key) -> Result<Self, KeyError> {
        self.others.push(key);
        self.checked()
    }

    /// Reads keys from an environment variable, separated by commas or line breaks; the first
    /// encrypts.
    ///
    /// Each key is 64 hexadecimal digits, or 43 or 44 base64 characters in either alphabet. Blanks
    /// around keys are ignored.
    ///
    /// # Errors
    ///
    /// - [`KeyProblem::Unset`], [`KeyProblem::Empty`] if there is nothing to read.
    /// - [`KeyProblem::Text`], [`KeyProblem::Duplicate`], [`KeyProblem::TooMany`] for keys that
    ///   cannot be used, with their position.
    /// - [`KeyProblem::ByteOrderMark`], [`KeyProblem::Utf8`] if the value is not plain UTF-8 text.
    pub fn from_env(name: &str) -> Result<Self, KeyError> {
        Self::from_variable(env::var_os(name))
            .map_err(|err| err.read_from(KeySource::Environment(name.to_owned())))
    }

    /// Reads keys from a file, separated by commas or line breaks; the first encrypts.
    ///
    /// Each key is 64 hexadecimal digits, or 43 or 44 base64 characters in either alphabet. A line
    /// break at the end of the file is ignored. A file of exactly 32 bytes is one raw key.
    ///
    /// # Security
    ///
    /// Make sure that only the application can read the file and only its owner can write it:
    /// anyone who can write it can forge every session. On Unix, a file that its group or others
    /// can write is reported in the log, as a warning.
    ///
    /// # Errors
    ///
    /// - [`KeyProblem::Unreadable`], with the cause as `source()`, if the file cannot be read.
    /// - [`KeyProblem::FileTooLarge`] for more than 64 KiB.
    /// - [`KeyProblem::Empty`], [`KeyProblem::Text`], [`KeyProblem::Duplicate`],
    ///   [`KeyProblem::TooMany`] for keys that cannot be used, with their position.
    /// - [`KeyProblem::ByteOrderMark`], [`KeyProblem::Utf16`], [`KeyProblem::Utf8`] if the file is
    ///   not plain UTF-8 text.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let path = path.as_ref();
        read_file(path)
            .and_then(|bytes| text::list_or_raw(&bytes))
            .and_then(Self::from_keys)
            .map_err(|err| err.read_from(KeySource::File(path.to_owned())))
    }

    /// Returns the number of keys, at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a ring is never empty")]
    pub fn len(&self) -> usize {
        self.keys().count()
    }

    /// Returns the key that encrypts.
    pub(crate) fn sealing(&self) -> &Key {
        &self.sealing
    }

    /// Returns the keys that only decrypt.
    pub(crate) fn others(&self) -> &[Key] {
        &self.others
    }

    /// Returns all keys, starting with the one that encrypts.
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

// Its keys are zeroized.
impl ZeroizeOnDrop for KeyRing {}

/// Reads keys from text in the format of [`from_env`](KeyRing::from_env), for example from a secret
/// store.
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

/// Reads a key file. Fails for one larger than [`MAX_FILE_BYTES`]; a device may be endless.
fn read_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let (bytes, is_whole) = read_up_to(path, MAX_FILE_BYTES).map_err(KeyError::unreadable)?;
    if is_whole {
        Ok(bytes)
    } else {
        Err(KeyError::new(KeyProblem::FileTooLarge))
    }
}

/// Reads at most `limit` bytes of a file. Returns false if there are more.
fn read_up_to(path: &Path, limit: u64) -> io::Result<(Zeroizing<Vec<u8>>, bool)> {
    let file = File::open(path)?;
    #[cfg(unix)]
    report_writable(path, &file.metadata()?);
    // Has the full capacity from the start, because reallocating would leave a copy behind.
    let capacity = usize::try_from(limit).map_err(io::Error::other)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(capacity.saturating_add(1)));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    let is_whole = bytes.len() <= capacity;
    Ok((bytes, is_whole))
}

/// Logs a warning if users other than the owner can write the key file.
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
            "users other than its owner can write the key file and so forge any session; run \
             `chmod go-w` on it"
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
    fn empty_list_is_rejected() {
        let err = KeyRing::from_keys([]).unwrap_err();
        assert_eq!(err.problem(), &KeyProblem::Empty);
        assert_eq!(
            err.to_string(),
            "key ring contains no key; generate a key with `openssl rand -hex 32`"
        );
    }

    #[test]
    fn duplicate_key_is_reported_with_both_positions() {
        let err = KeyRing::from_keys([key(0), key(1), key(0)]).unwrap_err();
        assert_eq!(err.index(), Some(2));
        assert_eq!(
            err.to_string(),
            "key 3 is the same as key 1; remove one of them"
        );
    }

    #[test]
    fn ring_of_more_than_16_keys_is_rejected() {
        let keys = |n| (0..n).map(key);
        assert_eq!(KeyRing::from_keys(keys(16)).unwrap().len(), 16);
        let err = KeyRing::from_keys(keys(17)).unwrap_err();
        assert_eq!(err.problem(), &KeyProblem::TooMany { keys: 17 });
    }

    #[test]
    fn invalid_key_is_reported_by_position_and_not_by_content() {
        let err = KeyRing::from_variable(Some(format!("{},c0ffee", hex(7)).into()))
            .map_err(|err| err.read_from(KeySource::Environment("SESSION_KEYS".into())))
            .unwrap_err();
        assert_eq!(
            err.to_string(),
            "key 2 of environment variable `SESSION_KEYS` has 6 characters and is neither 64 \
             hexadecimal digits nor 43 or 44 base64 characters; generate a key with `openssl rand \
             -hex 32`"
        );
        assert!(!format!("{err:?}").contains("c0ffee"));
    }

    #[test]
    fn keys_keep_their_order() {
        let added = KeyRing::new(key(0)).with_decrypt_only_key(key(1)).unwrap();
        let read: KeyRing = format!("{},{}", hex(0), hex(1)).parse().unwrap();
        for ring in [added, read] {
            let places = [key(0), key(1)].map(|key| position(ring.keys(), &key));
            assert_eq!(places, [Some(0), Some(1)]);
        }
    }

    #[test]
    fn unset_variable_is_named() {
        let err = KeyRing::from_env("SESSION_KEYS_THAT_NOBODY_SET").unwrap_err();
        assert_eq!(err.problem(), &KeyProblem::Unset);
        assert!(err.to_string().contains("`SESSION_KEYS_THAT_NOBODY_SET`"));
    }

    #[test]
    fn missing_file_is_named_and_its_cause_kept() {
        let err = KeyRing::from_file("no/such/file").unwrap_err();
        assert_eq!(err.to_string(), "key file `no/such/file` cannot be read");
        assert!(std::error::Error::source(&err).is_some());
    }

    #[test]
    fn debug_of_a_ring_shows_the_number_of_keys_and_no_bytes() {
        let ring = KeyRing::new(key(0)).with_decrypt_only_key(key(1)).unwrap();
        assert_eq!(
            format!("{ring:?}"),
            "KeyRing { sealing: Key(..), others: [Key(..)] }"
        );
    }
}
