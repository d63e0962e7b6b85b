//! Where randomness comes from: the operating system, one call per need, nothing buffered.
//!
//! A generator in our own memory is cloned by fork and by machine snapshots, and a repeated nonce
//! gives away the key stream.

use std::fmt;

#[cfg(feature = "test-util")]
use std::sync::Arc;

/// The operating system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RandomError;

/// Fills buffers with random bytes.
#[derive(Clone, Default)]
pub(crate) enum Random {
    /// The operating system's generator.
    #[default]
    System,
    /// A source that tests give; `false` stands for a failure.
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
    /// When the source fails; the buffer is then not to be used.
    pub(crate) fn fill(&self, buffer: &mut [u8]) -> Result<(), RandomError> {
        match self {
            Self::System => getrandom::fill(buffer).map_err(|_| RandomError),
            #[cfg(feature = "test-util")]
            Self::Test(source) => source(buffer).then_some(()).ok_or(RandomError),
        }
    }

    /// Gives an array of random bytes.
    ///
    /// # Errors
    ///
    /// When the source fails.
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
