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
///The getters and setters of [`Auth`], which a `Session<Auth>` has as its own.
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
    ///Reads `user_id`.
    ///
    /// The signed-in user.
    #[must_use]
    pub fn user_id(&self) -> ::core::option::Option<u64> {
        self.__handle.get().user_id
    }
    ///Sets `user_id`.
    ///
    /// The signed-in user.
    pub fn set_user_id(&self, value: impl ::secure_session::IntoOption<u64>) {
        self.__handle
            .put(
                0usize,
                |__session| &mut __session.user_id,
                ::secure_session::IntoOption::into_option(value),
            );
    }
    ///Sets `user_id` to `None`.
    ///
    /// The signed-in user.
    pub fn clear_user_id(&self) {
        self.__handle
            .put(
                0usize,
                |__session| &mut __session.user_id,
                ::core::option::Option::None,
            );
    }
    ///Takes the value out of `user_id`, leaving `None`.
    ///
    /// The signed-in user.
    pub fn take_user_id(&self) -> ::core::option::Option<u64> {
        self.__handle.take(0usize, |__session| &mut __session.user_id)
    }
    ///Updates `user_id`: `f` changes a copy of it, which is set when `f` returns.
    ///
    /// The signed-in user.
    pub fn update_user_id<__R>(
        &self,
        f: impl ::core::ops::FnOnce(&mut Option<u64>) -> __R,
    ) -> __R {
        let mut __value = ::secure_session::__private::copy::<
            Option<u64>,
        >(&self.__handle.current().user_id);
        let __result = f(&mut __value);
        self.__handle.put(0usize, |__session| &mut __session.user_id, __value);
        __result
    }
    ///Reads `name`.
    #[must_use]
    pub fn name(&self) -> &::core::primitive::str {
        &self.__handle.get().name
    }
    ///Sets `name`.
    pub fn set_name(&self, value: impl ::core::convert::Into<String>) {
        self.__handle
            .put(
                1usize,
                |__session| &mut __session.name,
                ::core::convert::Into::into(value),
            );
    }
    ///Updates `name`: `f` changes a copy of it, which is set when `f` returns.
    pub fn update_name<__R>(
        &self,
        f: impl ::core::ops::FnOnce(&mut String) -> __R,
    ) -> __R {
        let mut __value = ::secure_session::__private::copy::<
            String,
        >(&self.__handle.current().name);
        let __result = f(&mut __value);
        self.__handle.put(1usize, |__session| &mut __session.name, __value);
        __result
    }
    ///Reads `roles`.
    #[must_use]
    pub(crate) fn roles(&self) -> &[String] {
        &self.__handle.get().roles
    }
    ///Sets `roles`.
    pub(crate) fn set_roles(
        &self,
        value: impl ::core::iter::IntoIterator<Item = String>,
    ) {
        self.__handle
            .put(
                2usize,
                |__session| &mut __session.roles,
                ::core::iter::Iterator::collect(
                    ::core::iter::IntoIterator::into_iter(value),
                ),
            );
    }
    ///Updates `roles`: `f` changes a copy of it, which is set when `f` returns.
    pub(crate) fn update_roles<__R>(
        &self,
        f: impl ::core::ops::FnOnce(&mut Vec<String>) -> __R,
    ) -> __R {
        let mut __value = ::secure_session::__private::copy::<
            Vec<String>,
        >(&self.__handle.current().roles);
        let __result = f(&mut __value);
        self.__handle.put(2usize, |__session| &mut __session.roles, __value);
        __result
    }
    ///Reads `seen`.
    #[must_use]
    pub fn seen(&self) -> bool {
        self.__handle.get().seen
    }
    ///Sets `seen`.
    pub fn set_seen(&self, value: bool) {
        self.__handle.put(3usize, |__session| &mut __session.seen, value);
    }
    ///Updates `seen`: `f` changes a copy of it, which is set when `f` returns.
    pub fn update_seen<__R>(
        &self,
        f: impl ::core::ops::FnOnce(&mut bool) -> __R,
    ) -> __R {
        let mut __value = ::secure_session::__private::copy::<
            bool,
        >(&self.__handle.current().seen);
        let __result = f(&mut __value);
        self.__handle.put(3usize, |__session| &mut __session.seen, __value);
        __result
    }
}
///Names a field of [`Auth`].
#[derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
    ::core::cmp::Eq,
    ::core::hash::Hash,
    ::core::cmp::PartialEq,
)]
pub enum AuthField {
    ///The field `user_id`.
    UserId,
    ///The field `name`.
    Name,
    ///The field `roles`.
    Roles,
    ///The field `seen`.
    Seen,
}
const _: () = {
    #[allow(deprecated)]
    #[automatically_derived]
    impl ::secure_session::SessionData for Auth {
        type Field = AuthField;
        type Format = ::secure_session::codec::Native;
        const SCHEMA: ::secure_session::__private::Schema = ::secure_session::__private::Schema {
            type_name: "Auth",
            fields: &[
                ::secure_session::__private::Field {
                    name: "user_id",
                    key: ::core::option::Option::Some("\"user_id\":"),
                    keep: false,
                    lenient: false,
                    skip: false,
                },
                ::secure_session::__private::Field {
                    name: "name",
                    key: ::core::option::Option::Some("\"name\":"),
                    keep: false,
                    lenient: false,
                    skip: false,
                },
                ::secure_session::__private::Field {
                    name: "roles",
                    key: ::core::option::Option::Some("\"roles\":"),
                    keep: true,
                    lenient: true,
                    skip: false,
                },
                ::secure_session::__private::Field {
                    name: "seen",
                    key: ::core::option::Option::None,
                    keep: false,
                    lenient: false,
                    skip: true,
                },
            ],
            aliases: &["nick"],
            forget: &["uid"],
            version: 1u32,
            policy: ::secure_session::__private::PolicyAttributes {
                cookie: "__Host-auth",
                path: "/",
                domain: ::core::option::Option::None,
                same_site: ::secure_session::__private::SameSiteAttribute::Lax,
                secure: true,
                http_only: true,
                partitioned: false,
                persistent: false,
                idle: ::core::option::Option::Some(1800u64),
                absolute: ::core::option::Option::Some(43200u64),
                refresh: ::core::option::Option::None,
                purpose: "",
            },
        };
        fn __fresh() -> Self {
            Self {
                user_id: ::secure_session::__private::default::<Option<u64>>(),
                name: <::secure_session::__private::String as ::core::convert::From<
                    &::core::primitive::str,
                >>::from("guest"),
                roles: ::secure_session::__private::default::<Vec<String>>(),
                seen: ::secure_session::__private::default::<bool>(),
            }
        }
        fn __find(
            __name: &::core::primitive::str,
        ) -> ::core::option::Option<::secure_session::__private::Found> {
            match __name {
                "user_id" => {
                    ::core::option::Option::Some(
                        ::secure_session::__private::Found::Current(0usize),
                    )
                }
                "name" => {
                    ::core::option::Option::Some(
                        ::secure_session::__private::Found::Current(1usize),
                    )
                }
                "nick" => {
                    ::core::option::Option::Some(::secure_session::__private::Found::Alias {
                        field: 1usize,
                        rank: 0u8,
                    })
                }
                "roles" => {
                    ::core::option::Option::Some(
                        ::secure_session::__private::Found::Current(2usize),
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
        fn __read<'de, __D: ::secure_session::__private::serde::Deserializer<'de>>(
            &mut self,
            __field: ::core::primitive::usize,
            __value: __D,
        ) -> ::core::result::Result<(), __D::Error> {
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
            ::core::result::Result::Ok(())
        }
        fn __write(
            &self,
            __field: ::core::primitive::usize,
            __out: &mut ::secure_session::__private::FieldWriter<'_>,
        ) -> ::core::result::Result<(), ::secure_session::__private::WriteError> {
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
                _ => ::core::result::Result::Ok(()),
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
            __field: ::core::primitive::usize,
        ) -> ::core::primitive::bool {
            use ::secure_session::__private::{ByPartialEq as _, NeverEqual as _};
            match __field {
                0usize => {
                    (&::secure_session::__private::Compared(&self.user_id))
                        .same(&__other.user_id)
                }
                1usize => {
                    (&::secure_session::__private::Compared(&self.name))
                        .same(&__other.name)
                }
                2usize => {
                    (&::secure_session::__private::Compared(&self.roles))
                        .same(&__other.roles)
                }
                3usize => {
                    (&::secure_session::__private::Compared(&self.seen))
                        .same(&__other.seen)
                }
                _ => false,
            }
        }
        fn __swap(&mut self, __other: &mut Self, __field: ::core::primitive::usize) {
            match __field {
                0usize => ::core::mem::swap(&mut self.user_id, &mut __other.user_id),
                1usize => ::core::mem::swap(&mut self.name, &mut __other.name),
                2usize => ::core::mem::swap(&mut self.roles, &mut __other.roles),
                3usize => ::core::mem::swap(&mut self.seen, &mut __other.seen),
                _ => {}
            }
        }
        fn __migrate(
            __from: ::core::primitive::u32,
            __members: &mut ::secure_session::__private::Map<
                ::secure_session::__private::String,
                ::secure_session::__private::Value,
            >,
        ) -> ::core::result::Result<(), ::secure_session::__private::NotMigrated> {
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
    impl ::core::ops::Deref for AuthAccessors {
        type Target = Auth;
        fn deref(&self) -> &Auth {
            self.__handle.get()
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for AuthAccessors {
        fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __f.debug_struct("AuthAccessors").finish_non_exhaustive()
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
        fn name(self) -> &'static ::core::primitive::str {
            match self {
                Self::UserId => "user_id",
                Self::Name => "name",
                Self::Roles => "roles",
                Self::Seen => "seen",
            }
        }
        fn __index(self) -> ::core::primitive::usize {
            match self {
                Self::UserId => 0usize,
                Self::Name => 1usize,
                Self::Roles => 2usize,
                Self::Seen => 3usize,
            }
        }
    }
};
