//! What the macro writes finds its way: without any prelude, with the library under another name,
//! without serde among the dependencies, and under the lints of a published crate.

#![no_implicit_prelude]
#![deny(
    deprecated,
    missing_debug_implementations,
    missing_docs,
    private_bounds,
    private_interfaces,
    unnameable_types,
    unreachable_pub,
    unused,
    clippy::all,
    clippy::pedantic
)]

/// Whatever the library calls its map: there is no other crate to name it by.
fn older<Members>(_from: u32, _members: &mut Members) {}

/// A session with a field of every kind.
#[derive(::core::fmt::Debug, ::sessions_by_another_name::SecureSession)]
#[session(
    crate = ::sessions_by_another_name,
    cookie = "__Secure-all",
    path = "/all",
    domain = "example.com",
    same_site = "strict",
    secure,
    http_only = true,
    partitioned,
    persistent,
    idle = "2d",
    absolute = "4w",
    refresh = "6h",
    purpose = "hygiene",
    forget = "old",
    lenient,
    version = 1,
    migrate = self::older
)]
pub struct All {
    /// A primitive.
    number: u32,
    /// An array of tuples of primitives.
    #[session(keep)]
    grid: [(u8, ::core::primitive::char); 2],
    /// Text.
    #[session(default = "a", rename = "text", alias = "words")]
    string: ::std::string::String,
    /// A vector.
    vec: ::std::vec::Vec<::std::string::String>,
    /// A type of the crate's own.
    other: ::core::time::Duration,
    /// An optional primitive.
    maybe_number: ::core::option::Option<u32>,
    /// Optional text.
    #[session(default = "b")]
    maybe_string: ::std::option::Option<::std::string::String>,
    /// An optional vector.
    maybe_vec: ::std::option::Option<::std::vec::Vec<u8>>,
    /// Another optional value.
    maybe_other: ::std::option::Option<::core::time::Duration>,
    /// A type that is said to be `Copy`.
    #[session(copy)]
    copied: ::core::option::Option<::core::time::Duration>,
    /// A value with a module of its own.
    #[session(with = self::module)]
    with_module: u8,
    /// An optional value with a module of its own.
    #[session(with = "crate::module")]
    maybe_with_module: ::core::option::Option<u8>,
    /// A type without equality.
    incomparable: ::std::collections::BTreeMap<u8, u8>,
    /// A keyword.
    r#type: u8,
    /// A name that is taken.
    #[session(accessor = "last_touch")]
    touch: u8,
    /// Accessors for this crate only.
    #[session(vis = pub(crate))]
    internal: u8,
    /// Of this request only.
    #[session(skip, default = 5)]
    scratch: u8,
    /// All else.
    #[session(rest)]
    others: ::sessions_by_another_name::__private::Map<
        ::std::string::String,
        ::sessions_by_another_name::__private::Value,
    >,
}

/// A session with field names that lints have an opinion on, and of which nobody calls anything.
#[derive(::core::fmt::Debug, ::sessions_by_another_name::SecureSession)]
#[session(crate = ::sessions_by_another_name)]
pub struct Named {
    /// Getters called so are thought to convert.
    pub to_address: ::std::string::String,
    /// As above.
    pub into_basket: bool,
    /// As above.
    pub from_country: ::core::option::Option<::std::string::String>,
    /// As above.
    pub as_guest: bool,
    /// As above.
    pub is_admin: u8,
    /// A method of this name is thought to make a value.
    pub new: u8,
    /// One of these is thought to need `is_empty`.
    pub len: usize,
    /// One of these is thought to give an iterator.
    pub iter: u8,
    /// Operators and traits have methods called so.
    pub next: u8,
    /// As above.
    pub not: bool,
    /// As above.
    pub default: ::core::option::Option<u8>,
    /// A reference to a box is thought to be one too many.
    pub boxed: ::std::boxed::Box<u8>,
    /// A name with an underscore in front.
    _hidden: u8,
}

/// A module that its crate keeps to itself.
mod private {
    /// A session that is `pub` nevertheless.
    #[allow(
        unreachable_pub,
        unnameable_types,
        reason = "it is about the accessors"
    )]
    #[allow(dead_code, reason = "nobody makes one")]
    #[derive(::core::fmt::Debug, ::sessions_by_another_name::SecureSession)]
    #[session(crate = ::sessions_by_another_name)]
    pub struct Unreachable {
        /// A field.
        pub name: ::core::option::Option<::std::string::String>,
    }
}

/// Stores a field as serde does; the traits come from the library, as serde is no dependency here.
mod module {
    use ::core::result::Result;
    use ::sessions_by_another_name::__private::serde::{
        Deserialize, Deserializer, Serialize, Serializer,
    };

    pub(crate) fn serialize<T: Serialize, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

/// Calls every accessor.
///
/// # Examples
///
/// ```
/// // The middleware has the type as its session.
/// # use sessions_by_another_name::{Key, KeyRing, SessionMiddleware};
/// let keys = KeyRing::from(Key::generate()?);
/// let sessions = SessionMiddleware::builder(keys)
///     .session::<actix_secure_session_renamed::All>()
///     .build();
/// assert!(sessions.is_ok());
/// # Ok::<(), sessions_by_another_name::KeyError>(())
/// ```
pub fn call_all(all: &::sessions_by_another_name::Session<All>) {
    use ::core::{clone::Clone as _, option::Option::Some};

    all.set_number(all.number());
    all.set_grid(all.grid());
    all.set_string(all.string());
    all.set_vec(all.vec().to_vec());
    all.set_other(*all.other());
    all.set_maybe_number(all.maybe_number());
    all.set_maybe_string("c");
    all.set_maybe_vec(::std::vec![1]);
    all.set_maybe_other(all.maybe_other().copied());
    all.set_copied(all.copied());
    all.set_with_module(all.with_module());
    all.set_maybe_with_module(all.maybe_with_module());
    all.set_incomparable(all.incomparable().clone());
    all.set_type(all.r#type());
    all.set_last_touch(all.last_touch());
    all.set_internal(all.internal());
    all.set_scratch(all.scratch());
    all.set_others(all.others().clone());

    all.update_number(|number| *number += 1);
    all.update_string(|string| string.push('!'));
    all.update_vec(::std::vec::Vec::clear);
    all.update_maybe_number(|number| *number = Some(1));
    all.update_others(::sessions_by_another_name::__private::Map::clear);

    all.clear_maybe_string();
    let _ = (all.maybe_string(), all.maybe_vec());
    let _ = all.take_maybe_vec();
    let _ = all.take_maybe_other();

    all.touch();
    all.regenerate_keeping(&[AllField::Number, AllField::LastTouch, AllField::Type]);
}

#[cfg(test)]
mod tests {
    use ::sessions_by_another_name::{Key, SecureSession, SessionField, codec::Codec};
    use ::std::{assert_eq, prelude::v1::*};

    use super::{All, AllField};

    #[test]
    fn a_session_of_every_kind_comes_back() {
        let codec = Codec::<All>::builder(Key::generate().expect("random bytes")).build();
        let codec = codec.expect("a sound policy");
        let mut all = All::defaults();
        all.number = 7;
        all.maybe_string = None;
        all.with_module = 8;
        let text = codec.seal(&all).expect("storable");
        let back = codec.open(text).expect("sealed above");
        assert_eq!((back.number, back.with_module, back.scratch), (7, 8, 5));
        assert_eq!(
            (back.string.as_str(), back.maybe_string.as_deref()),
            ("a", None)
        );
    }

    #[test]
    fn the_enum_has_every_field() {
        assert_eq!(AllField::ALL.len(), 18);
        assert_eq!(AllField::LastTouch.name(), "touch");
    }
}
