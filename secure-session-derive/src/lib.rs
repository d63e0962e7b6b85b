//! The derive macro of `actix-secure-session`, which re-exports it. Depend on that crate instead.

mod attr;
mod check;
mod error;
mod expand;
mod guard;
mod model;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Derives `SecureSession`: generates typed accessors and the cookie policy.
///
/// No other derive is needed. Fields may be private. Their types need `Clone`, `serde::Serialize`,
/// `serde::Deserialize`, `Send`, `Sync`, and `Default` or a [`default`](#default). A field whose
/// type is not `PartialEq` counts as changed whenever it is written.
///
/// ```
/// use secure_session::{SecureSession, Session};
///
/// #[derive(SecureSession)]
/// #[session(cookie = "__Host-auth", idle = "30m", absolute = "12h")]
/// pub struct Auth {
///     /// The signed-in user.
///     user_id: Option<u64>,
///     name: String,
///     roles: Vec<String>,
///     #[session(keep)]
///     visits: u32,
/// }
///
/// fn handler(auth: Session<Auth>) {
///     auth.set_user_id(42);
///     auth.set_name("Ada");
///     auth.set_roles(["admin"]);
///     auth.update_visits(|visits| *visits += 1);
///
///     let id: Option<u64> = auth.user_id();
///     let name: &str = auth.name();
///     let roles: &[String] = auth.roles();
///     assert_eq!(auth.visits, 1); // fields are readable where they are visible
///     # let _ = (id, name, roles);
/// }
/// ```
///
/// # What is generated
///
/// For a struct `Auth`:
///
/// - `AuthAccessors` with the methods below, which are available on `Session<Auth>`;
/// - the enum `AuthField`, which names the fields: `AuthField::UserId`;
/// - if the struct is [`revocable`](#revocable), the enum `AuthSelector`, which selects sessions to
///   revoke: `AuthSelector::UserId(42)`;
/// - `Auth::defaults()`, from the trait `SecureSession`: the value of a session that was never
///   stored.
///
/// | Field | Getter | Setter | Also |
/// |---|---|---|---|
/// | `n: u32`, `bool`, other primitives, arrays and tuples of them, or [`copy`](#copy) | `n() -> u32` | `set_n(u32)` | `update_n(\|v\| …)` |
/// | `name: String` | `name() -> &str` | `set_name(impl Into<String>)` | `update_name(\|s\| …)` |
/// | `items: Vec<F>` | `items() -> &[F]` | `set_items(impl IntoIterator<Item = F>)`; for `Vec<String>` `Item = impl Into<String>` | `clear_items()`, `update_items(\|v\| …)` |
/// | `x: Option<F>` | `x()`: `Option<F>` if `F` is `Copy`, `Option<&str>`, `Option<&[_]>`, else `Option<&F>` | `set_x(impl IntoOption<F>)` | `clear_x()`, `take_x() -> Option<F>`, `update_x(\|x\| …)` |
/// | anything else | `x() -> &F` | `set_x(F)` | `update_x(\|x\| …)` |
///
/// A macro sees names, not types: `String`, `Vec` and `Option` are recognized by name, alone or
/// with their standard library path. Write your own type of such a name with another path, such as
/// `self::String`.
///
/// The closure of an `update_…` method changes the value in place and returns nothing, so
/// `|v| v + 1` does not compile.
///
/// Accessors have the struct's visibility unless [`vis`](#vis) is set. Accessors and variants have
/// the field's documentation, in which links to `Self` point to the struct; the getter's also shows
/// a [`default`](#default).
///
/// Methods of `Session` take precedence over accessors, and accessors over methods of the struct:
/// call your own method `touch` as `Auth::touch(&auth)`. A field whose accessor would be hidden
/// does not compile; rename it with [`accessor`](#accessor).
///
/// # What is stored
///
/// One JSON object with a member for each field. `None` is omitted. A missing member takes the
/// field's default, so a default must be the same each time. `null` is read as `None`, or as the
/// default if the field is not an `Option`. A member that does not fit its field rejects the
/// session (`RejectReason::Schema`), unless the field is [`lenient`](#lenient) or
/// [`migrate`](#migrate) converts it.
///
/// A member is written back byte for byte, including additions inside its value, until its field is
/// written; a member that no field names always is, unless [`forget`](#forget) names it. `sign_in`,
/// `regenerate` and `destroy` drop both.
///
/// # What is rejected
///
/// Structs without named fields, enums and unions; type, const and lifetime parameters; more than
/// 64 fields; `Option<Option<_>>`; references; and `#[serde(…)]`, which would have no effect. One
/// compile reports all mistakes.
///
/// # Attributes of the struct
///
/// Write `#[session(key = "value", flag)]`. A flag is `flag`, `flag = true` or `flag = false`. A
/// duration is an integer and one of `s`, `m`, `h`, `d`, `w`, between one second and 400 days. A
/// policy passed to the middleware's builder overrides these attributes.
///
/// ## `cookie`
///
/// `cookie = "name"`: the cookie's name, an RFC 6265 §4.1.1 token of at most 1024 bytes, which
/// leaves room for the value. A name with the prefix `__Host-`, `__Secure-`, `__Http-` or
/// `__Host-Http-` must meet the prefix's requirements (RFC 6265bis §4.1.3).
///
/// Default: `__Host-` and the struct's name in snake case, which requires `secure`, `path = "/"`
/// and no `domain`; with other attributes, choose a name. In the fastify [`format`](#format):
/// `session`.
///
/// ## `accessors`
///
/// `accessors = AuthMethods` or `"AuthMethods"`: the name of the type with the accessors, if you
/// have an `AuthAccessors` already. Default: the struct's name and `Accessors`.
///
/// ## `fields`
///
/// `fields = AuthFields` or `"AuthFields"`: the name of the enum of fields. Default: the struct's
/// name and `Field`.
///
/// ```
/// use secure_session::SecureSession;
///
/// /// The fields of a form.
/// enum AuthField { Email, Password }
///
/// #[derive(SecureSession)]
/// #[session(fields = "AuthFields")]
/// struct Auth { email: String }
///
/// # let _ = (AuthField::Email, AuthField::Password);
/// let field = AuthFields::Email;
/// ```
///
/// ## `public`
///
/// `public = AuthView` or `"AuthView"`: the name of the struct of the [`public`](#public-1) fields.
/// Default: the struct's name and `Public`.
///
/// ## `selector`
///
/// `selector = AuthSessions` or `"AuthSessions"`: the name of the enum that selects sessions of a
/// [`revocable`](#revocable) struct. Default: the struct's name and `Selector`.
///
/// ```
/// use secure_session::SecureSession;
///
/// #[derive(SecureSession)]
/// #[session(revocable, selector = "AuthSessions")]
/// struct Auth {
///     #[session(identity)]
///     user_id: Option<u64>,
/// }
///
/// let of_this_user = AuthSessions::UserId(42);
/// # let _ = of_this_user;
/// ```
///
/// ## `path`
///
/// `path = "/shop"`: the cookie is sent to this path and the paths below it. Default: `/`.
///
/// ## `domain`
///
/// `domain = "example.com"`: the cookie is sent to this host and all hosts below it. Default: only
/// the host that set it.
///
/// ## `same_site`
///
/// `same_site = "strict"`, `"lax"` or `"none"`: whether requests initiated by other sites include
/// the cookie. `"none"` requires `secure`. Default: `"lax"`.
///
/// ## `secure`
///
/// The cookie is sent over https only. Default: `true`. For development over plain http, see
/// `plain_http` on the middleware's builder.
///
/// ## `http_only`
///
/// Scripts cannot read the cookie. Default: `true`.
///
/// ## `partitioned`
///
/// Each top-level site has its own cookie (CHIPS). Requires `secure`. Default: `false`.
///
/// ## `persistent`
///
/// The cookie outlives the browser: `Max-Age` is the session's remaining time. In the native
/// [`format`](#format), `idle` must be set too. Default: `false`, the cookie ends with the browser.
///
/// ## `idle`
///
/// `idle = "30m"`: the session expires after this time without activity; `idle = "none"` sets no
/// such limit. Default: 30 minutes. The fastify [`format`](#format) has no `"none"`; its default is
/// that of @fastify/secure-session, 86401 seconds.
///
/// ## `absolute`
///
/// `absolute = "12h"`: the session expires this long after it began, regardless of activity. There
/// is no `"none"`; beyond 30 days, `idle` must be set too. Default: 12 hours. The fastify
/// [`format`](#format) has no such limit.
///
/// ## `refresh`
///
/// `refresh = "3m"`: an active session is sent again once this much of its idle time has passed;
/// `refresh = "none"` leaves that to writes and `touch`. Must be shorter than `idle`. Default: a
/// tenth of `idle`.
///
/// ## `revocable`
///
/// A session that has ended stays ended: a copy of its cookie is rejected
/// (`RejectReason::Revoked`). Logging out ends a session, and `Revocations` ends others: all
/// sessions of a user, or of another group that a field names. Default: `false`.
///
/// It requires the library's feature `revocation`, an [`identity`](#identity) field and the native
/// [`format`](#format). The application passes its `Revocations` to the middleware's builder.
///
/// The derive also generates the enum `AuthSelector`. It has a variant for the `identity` field and
/// for each [`revoke_by`](#revoke_by) field, with a value of the type inside the field's `Option`.
/// Its `Debug` does not show the value.
///
/// ```
/// use secure_session::SecureSession;
///
/// #[derive(SecureSession)]
/// #[session(revocable)]
/// struct Auth {
///     #[session(identity)]
///     user_id: Option<u64>,
///     #[session(revoke_by)]
///     tenant: Option<String>,
/// }
///
/// let of_a_user = AuthSelector::UserId(42);
/// let of_a_tenant = AuthSelector::Tenant("example".to_owned());
/// assert_eq!(format!("{of_a_user:?}, {of_a_tenant:?}"), "UserId(..), Tenant(..)");
/// ```
///
/// ### Security
///
/// The guarantee begins when the last build without `revocable` is gone. A revocation is forgotten
/// once the cookies that it concerns must have expired. If you raise [`idle`](#idle),
/// [`absolute`](#absolute) or [`remember`](#remember), a revoked cookie may be accepted again: end
/// all sessions with `revoke_everyone` in that deploy.
///
/// ## `remember`
///
/// `remember = "30d"`: the longest time that `remember_for` can set on a [`revocable`](#revocable)
/// session; a longer one is cut, with a warning in the log. Revocations are kept at least this long.
/// There is no `"none"`. Default: `remember_for` reaches no further than [`absolute`](#absolute).
///
/// ## `purpose`
///
/// `purpose = "checkout"`: part of the key derivation, so a value can be decrypted only under this
/// purpose. Default: empty. The fastify [`format`](#format) binds nothing to the key and has no
/// purpose.
///
/// ## `cross_origin`
///
/// `cross_origin = "refuse"`, `"same-site"`, `"strict"` or `"allow"`: which requests of other
/// origins get the session, if they can change something. `policy::CrossOrigin` explains the
/// values. Default: `"refuse"`.
///
/// ## `forget`
///
/// `forget = "old_name"`: a member of the JSON object that is dropped on reading. May be repeated.
///
/// ## `lenient`
///
/// Makes all fields [`lenient`](#lenient-1) except those with `lenient = false`. Default: `false`;
/// in the fastify [`format`](#format), `true`.
///
/// ## `version`
///
/// `version = 2`: the version of the struct's shape, from 1 to 4294967295, stored with the session.
/// Raise it with each change that [`migrate`](#migrate) handles, and never lower it. An older build
/// that writes a newer session keeps the higher number. Requires `migrate`. Not available in the
/// fastify [`format`](#format). Default: 0, and nothing is stored.
///
/// ## `migrate`
///
/// `migrate = path::to::function`: converts the JSON object of an older [`version`](#version). Its
/// signature is `fn(from: u32, members: &mut serde_json::Map<String, Value>)`, with no result or a
/// `Result<(), E>`.
///
/// - It runs when a session with a lower number is opened, once for all steps. `from` is that
///   number, or 0 for a session stored without one or taken over from Node.
/// - Its result is read like any session: missing fields get their defaults, aliases apply, unknown
///   members are kept.
/// - The next response sends the session with the new number, even if the request only reads. The
///   function runs again only if that response is lost. `changed_fields` does not report a
///   migration.
/// - `sign_in` and `regenerate` drop unknown members, and with them a newer number.
/// - An error or a panic rejects the session (`RejectReason::Schema`); the log contains neither.
///   With `panic = "abort"` a panic ends the program.
/// - `serde_json::Value` rounds numbers beyond 64 bits, but a member that is left alone, or moved
///   or copied as a whole, keeps its text.
///
/// ```
/// use secure_session::SecureSession;
/// use serde_json::{Map, Value};
///
/// #[derive(SecureSession)]
/// #[session(version = 2, migrate = Auth::migrate)]
/// struct Auth {
///     user_id: Option<u64>,
///     roles: Vec<String>,
/// }
///
/// impl Auth {
///     fn migrate(from: u32, members: &mut Map<String, Value>) {
///         if from < 1 {
///             // `uid` was text.
///             let id = members.remove("uid").and_then(|uid| uid.as_str()?.parse::<u64>().ok());
///             members.insert("user_id".to_owned(), id.into());
///         }
///         if from < 2 {
///             // `role` became `roles`.
///             let role = members.remove("role");
///             members.insert("roles".to_owned(), role.into_iter().collect());
///         }
///     }
/// }
/// ```
///
/// ## `format`
///
/// `format = "native"` or `"fastify"`: how the session is written into the cookie. Default:
/// `"native"`.
///
/// `"fastify"` is the format of @fastify/secure-session, for a session shared with an application
/// on Node. It requires the library's feature `fastify`. Such a session has one time, that of its
/// last write: [`absolute`](#absolute), [`purpose`](#purpose), [`revocable`](#revocable), `sign_in`,
/// `reauthenticate` and `remember_for` do not exist for it. No field may be stored as `__ts`,
/// `__proto__`, `constructor` or `prototype`, which have a meaning there.
///
/// ```
/// use secure_session::{SecureSession, Session};
///
/// #[derive(SecureSession)]
/// #[session(format = "fastify", cookie = "session", idle = "7d")]
/// pub struct Shared {
///     #[session(rename = "userId")]
///     user_id: Option<u64>,
/// }
///
/// fn logout(shared: Session<Shared>) {
///     shared.destroy();
/// }
/// ```
///
/// ## `crate`
///
/// `crate = ::sessions`: the path of the library if a dependency or re-export renames it. Default:
/// `::secure_session`.
///
/// # Attributes of a field
///
/// ## `rename`
///
/// `rename = "uid"`: the name of the JSON member. Default: the field's name, without `r#`.
///
/// ## `alias`
///
/// `alias = "uid"`: an earlier name of the member, read if the current one is missing. May be
/// repeated; the first listed wins.
///
/// ## `default`
///
/// `default = 20`: an expression for the value in a session that was never stored and for a missing
/// member. A `String`, also in an `Option`, takes a string literal. In an `Option` with a default,
/// `None` is stored as `null`, or it would be read back as the default. Default: the type's
/// `Default`.
///
/// Setting the default where nothing is stored is not a change and sends nothing; when another
/// field is stored, the default is stored too. So the value does not show whether a user chose it.
/// An `Option` without a default does.
///
/// ```
/// # use secure_session::SecureSession;
/// #[derive(SecureSession)]
/// struct Prefs {
///     #[session(default = "light")]
///     theme: String,
///     #[session(default = 10 + 10)]
///     page_size: u32,
/// }
///
/// assert_eq!(Prefs::defaults().theme, "light");
/// assert_eq!(Prefs::defaults().page_size, 20);
/// # #[derive(SecureSession)]
/// # #[session(cookie = "__Host-prefs")]
/// # struct Later {
/// #     #[session(default = 50)]
/// #     page_size: u32,
/// # }
/// # let key = secure_session::Key::generate()?;
/// # let codec = secure_session::codec::Codec::<Prefs>::builder(key.clone()).build()?;
/// # let later = secure_session::codec::Codec::<Later>::builder(key).build()?;
/// # let dark = Prefs { theme: "dark".to_owned(), ..Prefs::defaults() };
/// # assert_eq!(later.open(codec.seal(&dark)?)?.page_size, 20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// ## `lenient`
///
/// A member that does not fit the field leaves it at its default, and the rest of the session
/// survives. The log names the field and the kind of mistake, at `warn` the first time and then at
/// `debug`; `info().reset_fields()` lists the field. This is not a change and sends nothing: the
/// member stays in the cookie until the field is written (a setter writes the default too), so
/// another build can still read it. If both the current name and an alias are present, only the
/// current name counts. Default: the struct's.
///
/// ### Security
///
/// Write `lenient = false` on fields that decide what a user may do (`suspended`, `admin`), where a
/// default could be wrong. In the fastify [`format`](#format) all fields are lenient unless you do.
///
/// ```
/// # use secure_session::SecureSession;
/// #[derive(SecureSession)]
/// struct Prefs {
///     #[session(lenient)]
///     page_size: u8, // was text once
///     name: String,
/// }
/// ```
///
/// ## `identity`
///
/// Marks the one `Option` field that says who is signed in. A request that sets it to a user
/// without `sign_in` (in the fastify format, `regenerate`) is logged as
/// `session.identity_without_sign_in`, at `warn` the first time and then at `debug`.
///
/// A [`revocable`](#revocable) struct needs this field. There it implies
/// [`revoke_by`](#revoke_by): all sessions of a user can be revoked. The requirements are the same,
/// except that the field may be [`lenient`](#lenient-1). A session whose `identity` changes from a
/// user to `None` has ended, and continues with a new id.
///
/// ```
/// # use secure_session::{SecureSession, Session};
/// #[derive(SecureSession)]
/// struct Auth {
///     #[session(identity)]
///     user_id: Option<u64>,
/// }
///
/// fn log_in(auth: Session<Auth>) {
///     auth.sign_in();
///     auth.set_user_id(42);
/// }
/// ```
///
/// ## `revoke_by`
///
/// On an `Option` field of a [`revocable`](#revocable) struct: all sessions in which the field has
/// one value can be revoked together, such as those of a tenant or of a login at an `OpenID` provider
/// (`sid`). A session in which it is `None` is in no group.
///
/// Revocation compares the stored text, so it must not change while sessions with it exist. The
/// value must be an integer, a `bool`, a `String`, or a type of your own that is stored as one of
/// them and implements `RevocationValue`. The field must not have [`with`](#with) or a
/// [`default`](#default). It must not be [`lenient`](#lenient-1) either, or a session whose value does
/// not fit would leave its group. If the struct is `lenient`, write `lenient = false` on the field.
///
/// ## `public`
///
/// The field is in `Session::view`, which pages and applications may see. The derive makes a struct
/// of the public fields, `AuthPublic`, which needs the field's type to be `Debug`.
///
/// ### Security
///
/// A public field is public as a whole, with everything that its type contains.
///
/// ```
/// # use secure_session::{SecureSession, Session};
/// #[derive(SecureSession)]
/// struct Auth {
///     user_id: Option<u64>,
///     #[session(public)]
///     name: String,
/// }
///
/// fn greeting(auth: Session<Auth>) -> String {
///     auth.view().session.name
/// }
/// ```
///
/// ## `keep`
///
/// The field survives `regenerate` and `sign_in`.
///
/// ## `skip`
///
/// The field lives for one request and is never stored. It needs neither `Serialize` nor
/// `Deserialize`.
///
/// ## `with`
///
/// `with = path::to::module`, or a type such as `with = As::<Text>`: stores the field with the
/// functions `serialize` and `deserialize` of the module or type, like serde's `with`. For an
/// `Option` they receive the whole `Option`; `None` is omitted without calling them, unless the
/// field has a `default`.
///
/// ## `rest`
///
/// On one field of type `serde_json::Map<String, Value>`: it holds the members that no field names.
///
/// ### Security
///
/// Members of the map and fields share one namespace. Names chosen by visitors must not be at the
/// top level: today's `prefs["role"] = "admin"` is the field `role: Option<String>` of a later
/// build. Put such names below one member that the application names, such as
/// `prefs: Map<String, Value>` without `rest`.
///
/// ```
/// # use secure_session::SecureSession;
/// # use serde_json::{Map, Value};
/// #[derive(SecureSession)]
/// struct Prefs {
///     /// Names chosen by visitors.
///     chosen: Map<String, Value>,
///     /// Names chosen by other builds and applications.
///     #[session(rest)]
///     others: Map<String, Value>,
/// }
/// ```
///
/// ## `copy`
///
/// Declares the type `Copy`, so the getter returns a copy instead of a reference. Your own `Copy`
/// types need it, inside an `Option` too.
///
/// ## `accessor`
///
/// `accessor = signed_in_user` or `"signed_in_user"`: the name of the getter, from which the other
/// methods and the variant take theirs. Default: the field's name.
///
/// ```
/// # use secure_session::{SecureSession, Session};
/// #[derive(SecureSession)]
/// struct Auth {
///     #[session(accessor = "checked")]
///     check: bool,
/// }
///
/// fn handler(auth: Session<Auth>) {
///     auth.set_checked(!auth.checked());
/// }
/// ```
///
/// ## `vis`
///
/// `vis = pub(crate)` or `"pub(crate)"`: the visibility of the accessors; `vis = ""` is private.
/// Default: the struct's.
#[proc_macro_derive(SecureSession, attributes(session, serde))]
pub fn secure_session(input: TokenStream) -> TokenStream {
    let item = parse_macro_input!(input as DeriveInput);
    expand::derive(&item).into()
}

/// Derives `SessionGuard`: a struct that a handler takes only if a session allows it.
///
/// ```
/// use secure_session::{SecureSession, Session, SessionGuard};
///
/// #[derive(SecureSession)]
/// pub struct Auth {
///     user_id: Option<u64>,
///     roles: Vec<String>,
/// }
///
/// impl Auth {
///     fn is_admin(&self) -> bool {
///         self.roles.iter().any(|role| role == "admin")
///     }
/// }
///
/// /// Who is signed in.
/// #[derive(SessionGuard)]
/// #[guard(Auth, login = "/login")]
/// pub struct SignedIn {
///     pub user_id: u64, // from `Auth::user_id`, which is an `Option`
/// }
///
/// #[derive(SessionGuard)]
/// #[guard(Auth, login = "/login", when = Auth::is_admin)]
/// pub struct Admin {
///     pub user_id: u64,
///     #[guard(value)]
///     pub roles: Vec<String>,
///     #[guard(session)]
///     pub auth: Session<Auth>,
/// }
///
/// /// The user confirmed the password in the last five minutes.
/// #[derive(SessionGuard)]
/// #[guard(Auth, login = "/login", within = "5m", confirm = "/confirm")]
/// pub struct Confirmed {
///     pub user_id: u64,
/// }
///
/// async fn account(SignedIn { user_id }: SignedIn) -> String {
///     format!("account {user_id}")
/// }
///
/// async fn home(user: Option<SignedIn>) -> &'static str {
///     if user.is_some() { "welcome back" } else { "hello" }
/// }
///
/// // In the application: `web::scope("/admin").wrap(Admin::required())` closes a whole scope.
/// let closed = Admin::required();
/// ```
///
/// A guard implements actix-web's `FromRequest` with the error `Denied`, so handlers can take it,
/// an `Option` of it, or a `Result` with `Denied`. The trait `SessionGuard` documents the responses
/// to denied requests, and `required()`, which closes a whole scope.
///
/// # Fields
///
/// - A field takes the value of the session's getter with the same name, which must return an
///   `Option`. If it is `None`, nobody is signed in. A guard has at least one such field.
/// - `#[guard(value)]`: a copy of a field that is no `Option`.
/// - `#[guard(session)]`: the `Session` itself, at most once.
///
/// # Attributes of the struct
///
/// - The session type, as in `#[guard(Auth)]`.
/// - `login = "/login"`: the page to which visitors who are not signed in are redirected. A path of
///   this site. Without it, they get a 401.
/// - `when = Auth::is_admin`: a `fn(&Auth) -> bool`; if it returns false, the response is a 403.
/// - `within = "5m"`: `sign_in` or `reauthenticate` must have been called this long ago at most.
/// - `confirm = "/confirm"`: the page to which users are redirected otherwise. Without it, they get a
///   401.
/// - `crate = ::sessions`: the path of the library. Default: `::secure_session`.
#[proc_macro_derive(SessionGuard, attributes(guard))]
pub fn session_guard(input: TokenStream) -> TokenStream {
    let item = parse_macro_input!(input as DeriveInput);
    guard::derive(&item).into()
}
