//! Names that a user may use: each module has some of those that generated code could refer to.

/// A blanket trait.
#[allow(clippy::unit_arg, clippy::wrong_self_convention)]
pub mod blanket {
    use secure_session::SecureSession;

    trait Everywhere: Sized {
        fn get(self) -> u8 {
            0
        }
        fn put(self) -> u8 {
            0
        }
        fn take(self) -> u8 {
            0
        }
        fn current(self) -> u8 {
            0
        }
        fn same(self, _: &Self) -> u8 {
            0
        }
        fn copy(self) -> u8 {
            0
        }
        fn into(self) -> u8 {
            0
        }
        fn into_iter(self) -> u8 {
            0
        }
        fn collect(self) -> u8 {
            0
        }
        fn map(self) -> u8 {
            0
        }
        fn debug_struct(self, _: &str) -> Self {
            self
        }
        fn finish_non_exhaustive(self) -> u8 {
            0
        }
        fn as_ref(self) -> u8 {
            0
        }
        fn as_deref(self) -> u8 {
            0
        }
        fn clone(self) -> u8 {
            0
        }
        fn fmt(self) -> u8 {
            0
        }
        fn rest(self) -> u8 {
            0
        }
        fn option(self) -> u8 {
            0
        }
    }

    impl<T> Everywhere for T {}

    /// Every method that generated code calls is also a method of every type here.
    #[derive(Debug, SecureSession)]
    pub struct Blanket {
        /// Text.
        name: String,
        /// A number.
        user_id: Option<u64>,
        /// Texts.
        roles: Vec<String>,
        /// An optional text.
        email: Option<String>,
        /// Anything else.
        other: std::time::Duration,
    }

    /// Uses the methods.
    #[must_use]
    pub fn all_of_them() -> u8 {
        let one = Everywhere::get(()) + Everywhere::put(()) + Everywhere::take(());
        let two = Everywhere::current(()) + Everywhere::same((), &()) + Everywhere::copy(());
        let three = Everywhere::into(()) + Everywhere::into_iter(()) + Everywhere::collect(());
        let four = Everywhere::map(()) + Everywhere::as_ref(()) + Everywhere::as_deref(());
        let five = Everywhere::clone(()) + Everywhere::fmt(()) + Everywhere::rest(());
        let six = Everywhere::finish_non_exhaustive(Everywhere::debug_struct((), ""));
        one + two + three + four + five + six + Everywhere::option(())
    }
}

/// Constants and statics.
#[allow(non_upper_case_globals)]
pub mod constants {
    use secure_session::SecureSession;

    /// A constant with the name of a parameter.
    pub const value: u32 = 1;
    /// Another.
    pub const f: u32 = 2;
    /// A static with such a name.
    pub static change: u32 = 3;
    /// Another.
    pub static handle: u32 = 4;
    /// Another.
    pub static session: u32 = 5;
    /// A constant that a type uses.
    pub const name: usize = 2;

    /// Constants and statics have the names of fields and parameters.
    #[derive(Debug, SecureSession)]
    pub struct Constants {
        /// Its own name is also that of a constant.
        name: [u8; name],
        /// Another.
        value: Option<u32>,
        /// Another.
        session: String,
        /// Another.
        f: Vec<u8>,
    }
}

/// Types of the prelude, and primitive types.
#[allow(dead_code, non_camel_case_types)]
pub mod types {
    use secure_session::SecureSession;

    struct Option;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Result;
    struct String;
    struct Vec;
    struct Box;
    struct Into;
    struct Iterator;
    struct Session;
    struct Handle;
    struct Field;
    struct Schema;
    struct Default;
    struct Clone;
    struct Deref;
    type u32 = u64;
    type usize = u8;
    type bool = u16;
    type str = [u8];

    /// The names of the prelude and of primitive types have another meaning.
    #[derive(::std::fmt::Debug, SecureSession)]
    pub struct Types {
        /// Text.
        name: ::std::string::String,
        /// A number, despite the name of its type.
        number: ::std::primitive::u32,
        /// Optional.
        maybe: ::std::option::Option<::std::string::String>,
        /// Texts.
        texts: ::std::vec::Vec<::std::string::String>,
    }
}

/// Modules.
pub mod modules {
    mod core {}
    mod std {}
    mod serde {}
    mod serde_json {}
    mod secure_session {}
    mod actix_web {}
    mod alloc {}

    use ::secure_session::SecureSession;

    /// Modules have the names of crates.
    #[derive(Debug, SecureSession)]
    pub struct Modules {
        /// Text.
        name: Option<String>,
        /// Texts.
        #[session(default = Vec::new())]
        texts: Vec<String>,
    }
}

/// Types with the usual names of generated ones.
pub mod generated {
    use secure_session::SecureSession;

    /// The names of the generated types are set, because other types have the default names.
    #[derive(Debug, SecureSession)]
    #[session(accessors = "ItemsMethods", fields = ItemsNames)]
    pub struct Items {
        /// Text.
        name: String,
    }

    /// Has the default name of the accessors.
    #[derive(Debug)]
    pub struct ItemsAccessors;

    /// Has the default name of the enum of fields.
    #[derive(Debug)]
    pub enum ItemsField {
        /// A variant of another name.
        Other,
    }

    /// The set names are those of types.
    #[must_use]
    pub fn both(methods: &ItemsMethods) -> (ItemsNames, ItemsAccessors, ItemsField, &str) {
        (
            ItemsNames::Name,
            ItemsAccessors,
            ItemsField::Other,
            methods.name(),
        )
    }
}

/// Macros.
#[allow(unused_macros)]
pub mod macros {
    use secure_session::SecureSession;

    macro_rules! unimplemented {
        () => {
            compile_error!("not the macro that was meant")
        };
    }
    macro_rules! require_feature_fastify {
        () => {
            compile_error!("not the macro that was meant")
        };
    }
    macro_rules! concat {
        () => {
            compile_error!("not the macro that was meant")
        };
    }

    /// Macros have the names of macros that generated code could call.
    #[derive(Debug, SecureSession)]
    pub struct Macros {
        /// Text.
        name: String,
    }
}

/// Keywords.
pub mod keywords {
    use secure_session::{SecureSession, Session};

    /// Fields have names that are keywords in some or all editions.
    #[derive(Debug, SecureSession)]
    pub struct Keywords {
        /// A keyword since 2024.
        r#gen: u32,
        /// A keyword since 2018.
        r#async: Option<u32>,
        /// A keyword in every edition.
        r#type: String,
        /// Reserved since 2018.
        r#try: Vec<u8>,
    }

    /// A guard with a keyword.
    #[derive(Debug, secure_session::SessionGuard)]
    #[guard(Keywords)]
    pub struct Guard {
        /// A keyword since 2018.
        pub r#async: u32,
        /// A keyword in every edition.
        #[guard(value)]
        pub r#type: String,
    }

    /// All of them have accessors.
    pub fn call(keywords: &Session<Keywords>) {
        keywords.set_gen(keywords.r#gen());
        keywords.set_async(keywords.r#async());
        keywords.set_type(keywords.r#type().to_owned());
        keywords.set_try(keywords.r#try().to_vec());
    }
}
