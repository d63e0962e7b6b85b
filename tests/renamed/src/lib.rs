//! Generated code resolves without any prelude, with the library under another name, without serde
//! among the dependencies, and under the lints of a published crate.

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

/// The library's map type by its re-export, because there is no other crate to name it.
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
    /// A type of this crate.
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
    /// A type declared `Copy`.
    #[session(copy)]
    copied: ::core::option::Option<::core::time::Duration>,
    /// A value with its own module.
    #[session(with = self::module)]
    with_module: u8,
    /// An optional value with its own module.
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
    /// For one request only.
    #[session(skip, default = 5)]
    scratch: u8,
    /// Everything else.
    #[session(rest)]
    others: ::sessions_by_another_name::__private::Map<
        ::std::string::String,
        ::sessions_by_another_name::__private::Value,
    >,
}

impl All {
    fn is_large(&self) -> ::core::primitive::bool {
        self.number > 9
    }
}

/// A guard with a field of every kind.
#[derive(::core::fmt::Debug, ::sessions_by_another_name::SessionGuard)]
#[guard(
    self::All,
    crate = ::sessions_by_another_name,
    login = "/login",
    when = self::All::is_large,
    within = "5m",
    confirm = "/confirm"
)]
pub struct Guard {
    /// A primitive.
    pub maybe_number: u32,
    /// Text.
    pub maybe_string: ::std::string::String,
    /// A vector.
    pub maybe_vec: ::std::vec::Vec<u8>,
    /// Another value.
    pub maybe_other: ::core::time::Duration,
    /// A keyword.
    #[guard(value)]
    pub r#type: u8,
    /// A copy of text.
    #[guard(value)]
    pub string: ::std::string::String,
    /// The session.
    #[guard(session)]
    pub session: ::sessions_by_another_name::Session<All>,
}

/// A session with field names that trigger lints; nobody calls its accessors.
#[derive(::core::fmt::Debug, ::sessions_by_another_name::SecureSession)]
#[session(crate = ::sessions_by_another_name)]
pub struct Named {
    /// Lints expect getters with such names to convert.
    pub to_address: ::std::string::String,
    /// Another.
    pub into_basket: bool,
    /// Another.
    pub from_country: ::core::option::Option<::std::string::String>,
    /// Another.
    pub as_guest: bool,
    /// Another.
    pub is_admin: u8,
    /// Lints expect a method of this name to construct a value.
    pub new: u8,
    /// Lints expect `is_empty` next to it.
    pub len: usize,
    /// Lints expect it to return an iterator.
    pub iter: u8,
    /// Operators and traits have methods of this name.
    pub next: u8,
    /// Another.
    pub not: bool,
    /// Another.
    pub default: ::core::option::Option<u8>,
    /// Lints consider a reference to a box redundant.
    pub boxed: ::std::boxed::Box<u8>,
    /// A name with a leading underscore.
    _hidden: u8,
}

/// A private module of the crate.
mod private {
    /// A session that is `pub` in it.
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

/// Stores a field like serde; the traits are re-exported by the library, as serde is not a
/// dependency here.
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
    fn session_with_every_kind_of_field_is_read_back() {
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
    fn field_enum_has_every_field() {
        assert_eq!(AllField::ALL.len(), 18);
        assert_eq!(AllField::LastTouch.name(), "touch");
    }
}
