#[allow(deprecated)]
const _: () = {
    struct __Shared<__F: ::secure_session::__private::FieldShare>(__F);
    #[allow(
        clippy::box_collection,
        clippy::linkedlist,
        clippy::redundant_allocation,
        clippy::type_complexity,
        clippy::vec_box,
    )]
    struct __Fields(
        __Shared<Option<u64>>,
        __Shared<String>,
        __Shared<Vec<String>>,
        __Shared<bool>,
    );
};
///The getters and setters of [`Auth`]; a `Session<Auth>` has these methods.
///
///Cookie: `__Host-auth`. Idle limit: `"30m"`. Absolute limit: `"12h"`. The application can override them in `session_with`.
#[allow(deprecated)]
pub struct AuthAccessors {
    __handle: ::secure_session::__private::Handle<Auth>,
}
#[allow(
    deprecated,
    clippy::iter_not_returning_iterator,
    clippy::len_without_is_empty,
    clippy::used_underscore_binding,
    clippy::box_collection,
    clippy::linkedlist,
    clippy::redundant_allocation,
    clippy::type_complexity,
    clippy::vec_box,
)]
impl AuthAccessors {
    ///Returns `user_id`.
    ///
    /// The signed-in user.
    #[must_use]
    pub fn user_id(&self) -> ::secure_session::__private::core::option::Option<u64> {
        ::secure_session::__private::Handle::get(&self.__handle).user_id
    }
    ///Sets `user_id`.
    ///
    /// The signed-in user.
    pub fn set_user_id(&self, __value: impl ::secure_session::IntoOption<u64>) {
        ::secure_session::__private::Handle::put(
            &self.__handle,
            0usize,
            |__session| &mut __session.user_id,
            ::secure_session::IntoOption::into_option(__value),
        );
    }
    ///Sets `user_id` to `None`.
    ///
    /// The signed-in user.
    pub fn clear_user_id(&self) {
        ::secure_session::__private::Handle::put(
            &self.__handle,
            0usize,
            |__session| &mut __session.user_id,
            ::secure_session::__private::core::option::Option::None,
        );
    }
    ///Takes the value out of `user_id`, leaving `None`.
    ///
    /// The signed-in user.
    pub fn take_user_id(
        &self,
    ) -> ::secure_session::__private::core::option::Option<u64> {
        ::secure_session::__private::Handle::take(
            &self.__handle,
            0usize,
            |__session| &mut __session.user_id,
        )
    }
    ///Updates `user_id`: the closure changes a copy, which is set when it returns.
    ///
    /// The signed-in user.
    pub fn update_user_id(
        &self,
        __change: impl ::secure_session::__private::core::ops::FnOnce(&mut Option<u64>),
    ) {
        let mut __value = ::secure_session::__private::copy::<
            Option<u64>,
        >(&::secure_session::__private::Handle::current(&self.__handle).user_id);
        __change(&mut __value);
        ::secure_session::__private::Handle::put(
            &self.__handle,
            0usize,
            |__session| &mut __session.user_id,
            __value,
        );
    }
    ///Returns `name`. Default: `"guest"`.
    #[must_use]
    pub fn name(&self) -> &::secure_session::__private::core::primitive::str {
        &::secure_session::__private::Handle::get(&self.__handle).name
    }
    ///Sets `name`.
    pub fn set_name(
        &self,
        __value: impl ::secure_session::__private::core::convert::Into<String>,
    ) {
        ::secure_session::__private::Handle::put(
            &self.__handle,
            1usize,
            |__session| &mut __session.name,
            ::secure_session::__private::core::convert::Into::into(__value),
        );
    }
    ///Updates `name`: the closure changes a copy, which is set when it returns.
    pub fn update_name(
        &self,
        __change: impl ::secure_session::__private::core::ops::FnOnce(&mut String),
    ) {
        let mut __value = ::secure_session::__private::copy::<
            String,
        >(&::secure_session::__private::Handle::current(&self.__handle).name);
        __change(&mut __value);
        ::secure_session::__private::Handle::put(
            &self.__handle,
            1usize,
            |__session| &mut __session.name,
            __value,
        );
    }
    ///Returns `roles`.
    #[must_use]
    pub(crate) fn roles(&self) -> &[String] {
        &::secure_session::__private::Handle::get(&self.__handle).roles
    }
    ///Sets `roles`.
    pub(crate) fn set_roles(
        &self,
        __value: impl ::secure_session::__private::core::iter::IntoIterator<
            Item = impl ::secure_session::__private::core::convert::Into<String>,
        >,
    ) {
        ::secure_session::__private::Handle::put(
            &self.__handle,
            2usize,
            |__session| &mut __session.roles,
            ::secure_session::__private::core::iter::Iterator::collect(
                ::secure_session::__private::core::iter::Iterator::map(
                    ::secure_session::__private::core::iter::IntoIterator::into_iter(
                        __value,
                    ),
                    ::secure_session::__private::core::convert::Into::into,
                ),
            ),
        );
    }
    ///Removes all items of `roles`.
    pub(crate) fn clear_roles(&self) {
        ::secure_session::__private::Handle::put(
            &self.__handle,
            2usize,
            |__session| &mut __session.roles,
            ::secure_session::__private::Vec::new(),
        );
    }
    ///Updates `roles`: the closure changes a copy, which is set when it returns.
    pub(crate) fn update_roles(
        &self,
        __change: impl ::secure_session::__private::core::ops::FnOnce(&mut Vec<String>),
    ) {
        let mut __value = ::secure_session::__private::copy::<
            Vec<String>,
        >(&::secure_session::__private::Handle::current(&self.__handle).roles);
        __change(&mut __value);
        ::secure_session::__private::Handle::put(
            &self.__handle,
            2usize,
            |__session| &mut __session.roles,
            __value,
        );
    }
    ///Returns `seen`.
    #[must_use]
    pub fn seen(&self) -> bool {
        ::secure_session::__private::Handle::get(&self.__handle).seen
    }
    ///Sets `seen`.
    pub fn set_seen(&self, __value: bool) {
        ::secure_session::__private::Handle::put(
            &self.__handle,
            3usize,
            |__session| &mut __session.seen,
            __value,
        );
    }
    ///Updates `seen`: the closure changes a copy, which is set when it returns.
    pub fn update_seen(
        &self,
        __change: impl ::secure_session::__private::core::ops::FnOnce(&mut bool),
    ) {
        let mut __value = ::secure_session::__private::copy::<
            bool,
        >(&::secure_session::__private::Handle::current(&self.__handle).seen);
        __change(&mut __value);
        ::secure_session::__private::Handle::put(
            &self.__handle,
            3usize,
            |__session| &mut __session.seen,
            __value,
        );
    }
}
///Names a field of [`Auth`].
#[derive(
    ::secure_session::__private::core::clone::Clone,
    ::secure_session::__private::core::marker::Copy,
    ::secure_session::__private::core::fmt::Debug,
    ::secure_session::__private::core::cmp::Eq,
    ::secure_session::__private::core::hash::Hash,
    ::secure_session::__private::core::cmp::PartialEq,
)]
#[repr(u16)]
pub enum AuthField {
    ///The field `user_id`.
    ///
    /// The signed-in user.
    UserId,
    ///The field `name`.
    Name,
    ///The field `roles`.
    Roles,
    ///The field `seen`.
    Seen,
}
#[allow(deprecated)]
const _: () = {
    #[automatically_derived]
    impl ::secure_session::SessionData for Auth {
        type Field = AuthField;
        type Format = ::secure_session::codec::Native;
        const SCHEMA: ::secure_session::__private::Schema = ::secure_session::__private::Schema {
            type_name: "Auth",
            fields: &[
                ::secure_session::__private::Field {
                    name: "user_id",
                    getter: "user_id",
                    key: ::secure_session::__private::core::option::Option::Some(
                        "\"user_id\":",
                    ),
                    identity: false,
                    keep: false,
                    lenient: false,
                    revoke_by: false,
                    skip: false,
                },
                ::secure_session::__private::Field {
                    name: "name",
                    getter: "name",
                    key: ::secure_session::__private::core::option::Option::Some(
                        "\"name\":",
                    ),
                    identity: false,
                    keep: false,
                    lenient: false,
                    revoke_by: false,
                    skip: false,
                },
                ::secure_session::__private::Field {
                    name: "roles",
                    getter: "roles",
                    key: ::secure_session::__private::core::option::Option::Some(
                        "\"roles\":",
                    ),
                    identity: false,
                    keep: true,
                    lenient: true,
                    revoke_by: false,
                    skip: false,
                },
                ::secure_session::__private::Field {
                    name: "seen",
                    getter: "seen",
                    key: ::secure_session::__private::core::option::Option::None,
                    identity: false,
                    keep: false,
                    lenient: false,
                    revoke_by: false,
                    skip: true,
                },
            ],
            aliases: &["nick"],
            forget: &["uid"],
            version: 1u32,
            revocable: false,
            policy: ::secure_session::__private::PolicyAttributes {
                cookie: "__Host-auth",
                path: "/",
                domain: ::secure_session::__private::core::option::Option::None,
                same_site: ::secure_session::__private::SameSiteAttribute::Lax,
                secure: true,
                http_only: true,
                partitioned: false,
                persistent: false,
                idle: ::secure_session::__private::core::option::Option::Some(1800u64),
                absolute: ::secure_session::__private::core::option::Option::Some(
                    43200u64,
                ),
                refresh: ::secure_session::__private::core::option::Option::None,
                remember: ::secure_session::__private::core::option::Option::None,
                purpose: "",
                cross_origin: ::secure_session::__private::CrossOriginAttribute::Refuse,
            },
        };
        fn __fresh() -> Self {
            Self {
                user_id: ::secure_session::__private::default::<Option<u64>>(),
                name: <::secure_session::__private::String as ::secure_session::__private::core::convert::From<
                    &::secure_session::__private::core::primitive::str,
                >>::from("guest"),
                roles: ::secure_session::__private::default::<Vec<String>>(),
                seen: ::secure_session::__private::default::<bool>(),
            }
        }
        fn __find(
            __name: &::secure_session::__private::core::primitive::str,
        ) -> ::secure_session::__private::core::option::Option<
            ::secure_session::__private::Found,
        > {
            match __name {
                "user_id" => {
                    ::secure_session::__private::core::option::Option::Some(
                        ::secure_session::__private::Found::Current(0usize),
                    )
                }
                "name" => {
                    ::secure_session::__private::core::option::Option::Some(
                        ::secure_session::__private::Found::Current(1usize),
                    )
                }
                "nick" => {
                    ::secure_session::__private::core::option::Option::Some(::secure_session::__private::Found::Alias {
                        field: 1usize,
                        rank: 0u8,
                    })
                }
                "roles" => {
                    ::secure_session::__private::core::option::Option::Some(
                        ::secure_session::__private::Found::Current(2usize),
                    )
                }
                _ => ::secure_session::__private::core::option::Option::None,
            }
        }
        fn __read<'de, __D: ::secure_session::__private::serde::Deserializer<'de>>(
            &mut self,
            __field: ::secure_session::__private::core::primitive::usize,
            __value: __D,
        ) -> ::secure_session::__private::core::result::Result<(), __D::Error> {
            match __field {
                0usize => {
                    self.user_id = ::secure_session::__private::read::<
                        Option<u64>,
                        __D,
                    >(__value)?;
                }
                1usize => {
                    self.name = ::secure_session::__private::read::<
                        String,
                        __D,
                    >(__value)?;
                }
                2usize => {
                    self.roles = ::secure_session::__private::read::<
                        Vec<String>,
                        __D,
                    >(__value)?;
                }
                _ => {}
            }
            ::secure_session::__private::core::result::Result::Ok(())
        }
        fn __write(
            &self,
            __field: ::secure_session::__private::core::primitive::usize,
            __out: &mut ::secure_session::__private::FieldWriter<'_>,
        ) -> ::secure_session::__private::core::result::Result<
            (),
            ::secure_session::__private::WriteError,
        > {
            match __field {
                0usize => {
                    ::secure_session::__private::FieldWriter::option(
                        __out,
                        "\"user_id\":",
                        &self.user_id,
                    )
                }
                1usize => {
                    ::secure_session::__private::FieldWriter::value(
                        __out,
                        "\"name\":",
                        &self.name,
                    )
                }
                2usize => {
                    ::secure_session::__private::FieldWriter::value(
                        __out,
                        "\"roles\":",
                        &self.roles,
                    )
                }
                _ => ::secure_session::__private::core::result::Result::Ok(()),
            }
        }
        fn __copy(&self) -> Self {
            Self {
                user_id: ::secure_session::__private::copy::<Option<u64>>(&self.user_id),
                name: ::secure_session::__private::copy::<String>(&self.name),
                roles: ::secure_session::__private::copy::<Vec<String>>(&self.roles),
                seen: ::secure_session::__private::copy::<bool>(&self.seen),
            }
        }
        fn __same(
            &self,
            __other: &Self,
            __field: ::secure_session::__private::core::primitive::usize,
        ) -> ::secure_session::__private::core::primitive::bool {
            use ::secure_session::__private::{ByPartialEq as _, NeverEqual as _};
            match __field {
                0usize => {
                    (&::secure_session::__private::Compared(&self.user_id))
                        .__is_same(&__other.user_id)
                }
                1usize => {
                    (&::secure_session::__private::Compared(&self.name))
                        .__is_same(&__other.name)
                }
                2usize => {
                    (&::secure_session::__private::Compared(&self.roles))
                        .__is_same(&__other.roles)
                }
                3usize => {
                    (&::secure_session::__private::Compared(&self.seen))
                        .__is_same(&__other.seen)
                }
                _ => false,
            }
        }
        fn __swap(
            &mut self,
            __other: &mut Self,
            __field: ::secure_session::__private::core::primitive::usize,
        ) {
            match __field {
                0usize => {
                    ::secure_session::__private::core::mem::swap(
                        &mut self.user_id,
                        &mut __other.user_id,
                    )
                }
                1usize => {
                    ::secure_session::__private::core::mem::swap(
                        &mut self.name,
                        &mut __other.name,
                    )
                }
                2usize => {
                    ::secure_session::__private::core::mem::swap(
                        &mut self.roles,
                        &mut __other.roles,
                    )
                }
                3usize => {
                    ::secure_session::__private::core::mem::swap(
                        &mut self.seen,
                        &mut __other.seen,
                    )
                }
                _ => {}
            }
        }
        fn __migrate(
            __from: ::secure_session::__private::core::primitive::u32,
            __members: &mut ::secure_session::__private::Map<
                ::secure_session::__private::String,
                ::secure_session::__private::Value,
            >,
        ) -> ::secure_session::__private::core::result::Result<
            (),
            ::secure_session::__private::NotMigrated,
        > {
            ::secure_session::__private::migrate(Auth::migrate, __from, __members)
        }
    }
    #[automatically_derived]
    impl ::secure_session::SecureSession for Auth {
        type Accessors = AuthAccessors;
    }
    #[automatically_derived]
    impl ::secure_session::__private::Accessors<Auth> for AuthAccessors {
        fn __new(__handle: ::secure_session::__private::Handle<Auth>) -> Self {
            Self { __handle }
        }
        fn __handle(&self) -> &::secure_session::__private::Handle<Auth> {
            &self.__handle
        }
    }
    #[automatically_derived]
    impl ::secure_session::__private::core::ops::Deref for AuthAccessors {
        type Target = Auth;
        fn deref(&self) -> &Auth {
            ::secure_session::__private::Handle::get(&self.__handle)
        }
    }
    #[automatically_derived]
    impl ::secure_session::__private::core::fmt::Debug for AuthAccessors {
        fn fmt(
            &self,
            __f: &mut ::secure_session::__private::core::fmt::Formatter<'_>,
        ) -> ::secure_session::__private::core::fmt::Result {
            ::secure_session::__private::core::fmt::DebugStruct::finish_non_exhaustive(
                &mut ::secure_session::__private::core::fmt::Formatter::debug_struct(
                    __f,
                    "AuthAccessors",
                ),
            )
        }
    }
    #[automatically_derived]
    impl ::secure_session::SessionField for AuthField {
        const ALL: &'static [Self] = &[
            Self::UserId,
            Self::Name,
            Self::Roles,
            Self::Seen,
        ];
        fn name(self) -> &'static ::secure_session::__private::core::primitive::str {
            match self {
                Self::UserId => "user_id",
                Self::Name => "name",
                Self::Roles => "roles",
                Self::Seen => "seen",
            }
        }
        fn __index(self) -> ::secure_session::__private::core::primitive::usize {
            match self {
                Self::UserId => 0usize,
                Self::Name => 1usize,
                Self::Roles => 2usize,
                Self::Seen => 3usize,
            }
        }
    }
};
#[allow(deprecated)]
const _: () = {
    ::secure_session::__private::core::assert!(
        ::secure_session::__private::core::mem::size_of:: < AuthAccessors > () ==
        ::secure_session::__private::core::mem::size_of:: <
        ::secure_session::__private::Handle < Auth >> (),
        "this module has another type `AuthAccessors`; choose a name for the generated one, such as `#[session(accessors = \"AuthSessionAccessors\")]`"
    );
    ::secure_session::__private::core::assert!(
        ::secure_session::__private::core::mem::size_of:: < AuthField > () == 2,
        "this module has another type `AuthField`; choose a name for the generated one, such as `#[session(fields = \"AuthSessionField\")]`"
    );
};
