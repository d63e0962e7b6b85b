//! A field whose name is a keyword in the edition of the derive, but not in that of its user.

#![allow(keyword_idents_2024)]

use secure_session::{SecureSession, Session};

/// A plot.
#[derive(Debug, SecureSession)]
pub struct Plot {
    /// The generation.
    gen: u32,
    /// Optional.
    #[session(accessor = gen_or_none, rename = "or_none")]
    maybe: Option<u32>,
    /// As an accessor.
    #[session(accessor = "r#final")]
    last: bool,
}

/// It has a getter.
#[must_use]
pub fn generation(plot: &Session<Plot>) -> u32 {
    plot.set_gen(plot.gen() + 1);
    plot.gen()
}
