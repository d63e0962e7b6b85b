//! An encrypted value before it is written to a header.

use crate::{cookie, crypto::base64url};

/// An encrypted value. Its text is written directly into the header, which saves a copy.
pub(crate) enum SealedValue {
    /// The text is base64url of these bytes.
    Native(Vec<u8>),
    #[cfg(feature = "fastify")]
    Fastify(String),
}

impl SealedValue {
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Native(_) => {
                let mut text = Vec::with_capacity(self.text_len());
                self.append_to(&mut text);
                cookie::text(text)
            }
            #[cfg(feature = "fastify")]
            Self::Fastify(text) => text,
        }
    }

    /// Returns the length of the text in bytes.
    #[inline]
    pub(crate) fn text_len(&self) -> usize {
        match self {
            Self::Native(bytes) => base64url::encoded_len(bytes.len()),
            #[cfg(feature = "fastify")]
            Self::Fastify(text) => text.len(),
        }
    }

    /// Appends the text.
    pub(crate) fn append_to(&self, text: &mut Vec<u8>) {
        match self {
            Self::Native(bytes) => base64url::append(bytes, text),
            #[cfg(feature = "fastify")]
            Self::Fastify(value) => text.extend_from_slice(value.as_bytes()),
        }
    }
}
