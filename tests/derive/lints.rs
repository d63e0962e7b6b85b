//! Generated code is free of warnings under the lints that a careful crate denies.
//!
//! Clippy lints are checked where clippy runs on the tests. Lints about names in a published crate
//! are checked by the package `tests/renamed`.

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

/// A session with field types that trigger lints; nobody calls its accessors.
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
    /// Lints consider the allocation redundant.
    boxes: Vec<Box<u8>>,
    /// As above.
    boxed_list: Option<Box<Vec<u8>>>,
    /// As above.
    #[session(skip)]
    shared: std::sync::Arc<Box<u8>>,
    /// As above.
    list: std::collections::LinkedList<u8>,
    /// Lints consider the type too complex for a signature.
    long: BTreeMap<String, (Vec<Option<(u8, String)>>, BTreeMap<u64, Vec<[u8; 4]>>)>,
    /// Still stored.
    #[deprecated]
    old_times: u8,
    /// Variants with the same prefix.
    user_id: u8,
    /// As above.
    user_name: u8,
    /// As above.
    user_mail: u8,
    /// Not stored.
    #[session(skip, keep)]
    scratch: Vec<u8>,
    /// Everything else.
    #[session(rest)]
    others: serde_json::Map<String, serde_json::Value>,
}

#[test]
fn session_with_lint_prone_fields_works() {
    let session = <Lints as secure_session::SecureSession>::defaults();
    assert_eq!(json_of(&session)["user_id"], 0);
}
