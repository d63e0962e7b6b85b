//! Items whose tokens are passed through the fragments of a `macro_rules!`.

use secure_session::{SecureSession, Session};
use serde_json::{Map, Value};

macro_rules! item {
    ($item:item) => {
        #[derive(Debug, SecureSession)]
        $item
    };
}

item! {
    /// A whole item.
    #[session(cookie = "__Host-item", idle = "10m", version = 1, migrate = older)]
    pub struct Item {
        /// Text.
        name: String,
        /// A number.
        #[session(alias = "count", lenient)]
        visits: Option<u32>,
        /// Texts.
        #[session(default = Vec::new())]
        roles: Vec<String>,
        /// Anything else.
        #[session(rest)]
        rest: Map<String, Value>,
    }
}

macro_rules! tokens {
    ($($tokens:tt)*) => {
        #[derive(Debug, SecureSession)]
        $($tokens)*
    };
}

tokens! {
    /// Token by token.
    #[session(idle = "10m")]
    pub struct Tokens {
        /// Text.
        name: String,
        /// A number.
        visits: Option<u32>,
        /// Anything else.
        #[session(rest)]
        rest: Map<String, Value>,
    }
}

macro_rules! types {
    ($name:ident { $($field:ident: $ty:tt),* $(,)? }) => {
        /// Types as single tokens.
        #[derive(Debug, SecureSession)]
        pub struct $name {
            $(
                /// A field.
                $field: $ty
            ),*
        }
    };
}

types!(OnePerToken {
    name: String,
    visits: u32,
    pair: (u8, bool),
    list: [u8; 4],
});

macro_rules! pieces {
    (
        $(#[$meta:meta])*
        $vis:vis $name:ident, $lifetime:literal, $cookie:expr, $root:path, $persistent:expr;
        $(
            $(#[$of_field:meta])*
            $accessors:vis $field:ident: $ty:ty = $default:expr, $with:path, $rename:literal
        );* $(;)?
    ) => {
        $(#[$meta])*
        #[derive(Debug, SecureSession)]
        #[session(idle = $lifetime, cookie = $cookie, crate = $root, persistent = $persistent)]
        $vis struct $name {
            $(
                $(#[$of_field])*
                #[session(vis = $accessors, default = $default, with = $with, rename = $rename)]
                $field: $ty
            ),*
        }
    };
}

pieces! {
    /// Every value of an attribute is a fragment.
    pub Pieces, "30m", "__Host-pieces", ::secure_session, true;
    /// A public one.
    pub name: String = "a", self::plain, "n";
    /// Visible in this crate.
    pub(crate) count: u32 = 1 + 1, self::plain, "c";
    /// A private one.
    maybe: Option<String> = Some(String::new()), self::plain, "m";
}

macro_rules! of_type {
    ($name:ident, $($field:ident: $ty:ty),*) => {
        /// Types as types.
        #[derive(Debug, SecureSession)]
        pub struct $name {
            $(
                /// A field.
                $field: $ty,
            )*
            /// A field of the macro itself.
            by_macro: Option<String>,
            /// Another.
            #[session(skip)]
            of_request: [u8; 2],
        }
    };
}

of_type!(Types, name: String, texts: Vec<String>, maybe: Option<u64>, other: std::time::Duration);

/// A field that the macro names has accessors, too.
pub fn set_all(types: &Session<Types>) {
    types.set_name("a");
    types.set_texts(["a"]);
    types.set_maybe(types.maybe());
    types.set_by_macro("b");
    types.set_of_request(types.of_request());
}

/// Without a macro around it, for comparison.
#[derive(Debug, SecureSession)]
pub struct Plain {
    /// Text.
    #[session(with = As::<Text>)]
    id: u64,
    /// In quotes.
    #[session(with = "As::<Text>")]
    other_id: u64,
    /// Without the turbofish.
    #[session(with = As<Text>)]
    third_id: Option<u64>,
}

fn older(_: u32, members: &mut Map<String, Value>) {
    members.remove("old");
}

mod plain {
    use core::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

/// A type with a parameter instead of a module.
struct As<T>(std::marker::PhantomData<T>);

/// The stored representation.
struct Text;

impl As<Text> {
    fn serialize<T: core::Serialize, S: core::Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    fn deserialize<'de, T: core::Deserialize<'de>, D: core::Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}
