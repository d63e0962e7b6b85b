//! Randomness from the operating system, one unbuffered call each time.
//!
//! `fork` and machine snapshots would clone a generator in our own memory, and a repeated nonce
//! reveals the key stream.

use std::fmt;

#[cfg(feature = "test-util")]
use std::sync::Arc;

/// The operating system returned no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RandomError;

/// A source of random bytes.
#[derive(Clone, Default)]
pub(crate) enum Random {
    /// The operating system's generator.
    #[default]
    System,
    /// A source that a test provides; it returns `false` for a failure.
    #[cfg(feature = "test-util")]
    Test(TestSource),
}

#[cfg(feature = "test-util")]
type TestSource = Arc<dyn Fn(&mut [u8]) -> bool + Send + Sync>;

impl Random {
    /// Fills the whole buffer.
    ///
    /// # Errors
    ///
    /// If the source fails. The buffer must then not be used.
    pub(crate) fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        match self {
            Self::System => getrandom::fill(buffer).map_err(|_| RandomError),
            #[cfg(feature = "test-util")]
            Self::Test(source) => source(buffer).then_some(()).ok_or(RandomError),
        }
    }

    /// Returns an array of random bytes.
    ///
    /// # Errors
    ///
    /// If the source fails.
    pub(crate) fn bytes<const N: usize>(&self) -> Result<[u8; N], RandomError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random")
    }
}
