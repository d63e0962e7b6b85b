//! argon2id (RFC 9106) with the parameters of libsodium's `crypto_pwhash` at `MODERATE`.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroize;

/// The costs of `MODERATE`: 256 MiB in blocks of one kibibyte, three passes, one lane.
const MEMORY_KIB: u32 = 256 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 1;

/// The reasons why no key was derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argon2Error {
    /// 256 MiB of memory could not be allocated.
    NoMemory,
    /// The passphrase is longer than argon2 accepts.
    PassphraseTooLong,
}

/// Derives a key into `key`.
///
/// # Errors
///
/// See [`Argon2Error`]. After an error, the key must not be used.
pub(crate) fn argon2id(
    passphrase: &[u8],
    salt: &[u8; 16],
    key: &mut [u8; 32],
) -> Result<(), Argon2Error> {
    #[expect(
        clippy::expect_used,
        reason = "constants, which the test `libsodium_derives_the_same_keys` uses"
    )]
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(key.len()))
        .expect("the parameters are in the range of argon2");
    let mut memory = memory(params.block_count())?;
    let hashed = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(passphrase, salt, key, &mut memory);
    memory.iter_mut().for_each(Zeroize::zeroize);
    // Everything except the passphrase has a fixed length.
    hashed.map_err(|_| Argon2Error::PassphraseTooLong)
}

/// Allocates the memory with `try_reserve`, because a plain allocation that fails aborts the
/// process.
fn memory(blocks: usize) -> Result<Vec<Block>, Argon2Error> {
    let mut memory = Vec::new();
    memory
        .try_reserve_exact(blocks)
        .map_err(|_| Argon2Error::NoMemory)?;
    memory.resize(blocks, Block::default());
    Ok(memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_memory_is_an_error() {
        let result = memory(usize::MAX / 2048);
        assert_eq!(result.map(|_| ()), Err(Argon2Error::NoMemory));
    }
}
