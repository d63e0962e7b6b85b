//! LEB128: numbers with seven bits per byte, lowest bits first, in the fewest possible bytes.

/// Appends a number.
#[inline]
pub(super) fn write(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

/// Reads a sequence of numbers and length-prefixed bytes.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Six bytes hold every number below 2^42, more than the envelope needs.
    const MAX_BITS: u32 = 42;

    #[inline]
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes that have not been read.
    #[inline]
    pub(super) fn remaining(&self) -> &'a [u8] {
        self.0
    }

    /// Returns the next number, or `None` if it is incomplete, too long or not in its shortest
    /// form.
    #[inline]
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..Self::MAX_BITS).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                // A last byte of zero adds nothing, so the number has a shorter form.
                return (byte != 0 || shift == 0).then_some(number);
            }
        }
        None
    }

    /// Returns the next length-prefixed bytes, or `None` if some are missing.
    pub(super) fn sized(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(bytes)
    }
}
