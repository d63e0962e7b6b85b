//! Generated code stays quiet under the lints that a careful crate denies.
//!
//! clippy's part is checked where clippy runs on the tests, and what only published items are asked
//! for in the package `tests/renamed`.

#![deny(
    dead_code,
    deprecated,
    missing_debug_implementations,
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    private_interfaces,
    trivial_casts,
    trivial_numeric_casts,
    unnameable_types,
    unreachable_pub,
    unused,
    unused_lifetimes,
    unused_qualifications,
    variant_size_differences,
    clippy::all,
    clippy::pedantic
)]

use std::collections::BTreeMap;

use crate::support::json_of;

/// A session with field names that lints have an opinion on; nobody calls most of its accessors.
#[allow(
    clippy::box_collection,
    clippy::linkedlist,
    clippy::redundant_allocation,
    clippy::type_complexity,
    clippy::vec_box,
    reason = "the types of fields are the application's to choose"
)]
#[derive(Debug, secure_session::SecureSession)]
#[session(forget = "old")]
pub(crate) struct Lints {
    /// Getters called so are thought to convert.
    to_address: String,
    /// As above.
    into_basket: bool,
    /// As above.
    from_country: Option<String>,
    /// As above.
    as_guest: bool,
    /// As above.
    is_admin: u8,
    /// A method of this name is thought to make a value.
    new: u8,
    /// One of these is thought to need `is_empty`.
    len: usize,
    /// One of these is thought to give an iterator.
    iter: u8,
    /// Operators and traits have methods called so.
    next: u8,
    /// As above.
    not: bool,
    /// As above.
    default: Option<u8>,
    /// A reference to a box is thought to be one too many.
    boxed: Box<u8>,
    /// Allocations that are thought to be one too many.
    boxes: Vec<Box<u8>>,
    /// As above.
    boxed_list: Option<Box<Vec<u8>>>,
    /// As above.
    #[session(skip)]
    shared: std::sync::Arc<Box<u8>>,
    /// As above.
    list: std::collections::LinkedList<u8>,
    /// A type that is thought to be too long for a signature.
    long: BTreeMap<String, (Vec<Option<(u8, String)>>, BTreeMap<u64, Vec<[u8; 4]>>)>,
    /// A name with an underscore in front.
    _hidden: u8,
    /// Still stored.
    #[deprecated]
    old_times: u8,
    /// Variants that begin alike.
    user_id: u8,
    /// As above.
    user_name: u8,
    /// As above.
    user_mail: u8,
    /// By a module.
    #[session(with = as_text)]
    counted: u64,
    /// By a module, in an option.
    #[session(with = as_text, default = Some(3))]
    maybe_counted: Option<u64>,
    /// Not stored.
    #[session(skip, keep)]
    scratch: Vec<u8>,
    /// All else.
    #[session(rest)]
    others: serde_json::Map<String, serde_json::Value>,
}

/// Numbers as text.
mod as_text {
    use std::fmt::Display;

    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) trait Number: Sized {
        fn text(&self) -> String;
        fn parse(text: &str) -> Option<Self>;
    }

    impl Number for u64 {
        fn text(&self) -> String {
            self.to_string()
        }

        fn parse(text: &str) -> Option<Self> {
            text.parse().ok()
        }
    }

    impl<N: Number + Display> Number for Option<N> {
        fn text(&self) -> String {
            self.as_ref()
                .map_or_else(|| "none".to_owned(), ToString::to_string)
        }

        fn parse(text: &str) -> Option<Self> {
            if text == "none" {
                return Some(None);
            }
            N::parse(text).map(Some)
        }
    }

    pub(super) fn serialize<N: Number, S: Serializer>(
        number: &N,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&number.text())
    }

    pub(super) fn deserialize<'de, N: Number, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<N, D::Error> {
        let text = String::deserialize(deserializer)?;
        N::parse(&text).ok_or_else(|| de::Error::custom("no number"))
    }
}

#[test]
fn a_session_that_lints_look_at_closely_works() {
    let mut session = <Lints as secure_session::SecureSession>::defaults();
    assert_eq!(session.maybe_counted, Some(3));
    session.long = BTreeMap::new();
    session.maybe_counted = None;
    let stored = json_of(&session);
    assert_eq!(stored["counted"], "0");
    assert_eq!(stored["maybe_counted"], "none");
}
