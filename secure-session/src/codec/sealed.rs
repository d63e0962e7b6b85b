//! A sealed value on its way into a header.

use crate::{cookie, cookie::CookieValue, crypto::base64url};

/// A sealed value, written down where it is needed: to make a text of it first would be a copy more
/// for each `Set-Cookie`.
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
}

impl CookieValue for SealedValue {
    #[inline]
    fn text_len(&self) -> usize {
        match self {
            Self::Native(bytes) => base64url::encoded_len(bytes.len()),
            #[cfg(feature = "fastify")]
            Self::Fastify(text) => text.len(),
        }
    }

    fn append_to(&self, text: &mut Vec<u8>) {
        match self {
            Self::Native(bytes) => base64url::append(bytes, text),
            #[cfg(feature = "fastify")]
            Self::Fastify(value) => value.append_to(text),
        }
    }
}
