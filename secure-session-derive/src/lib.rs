//! The derive macro of `actix-secure-session`, which re-exports it; use it from there.

mod attr;
mod check;
mod error;
mod expand;
mod model;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a session of a struct: getters and setters, a cookie, a lifetime.
///
/// No other derive is needed. Fields may be private, and need `Clone`, `serde::Serialize`,
/// `serde::Deserialize`, `Send` and `Sync`, and a `Default` or [`default`](#default). A field type
/// without `PartialEq` counts as changed whenever it is written.
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
///     assert_eq!(auth.visits, 1); // the fields themselves, where they are visible
///     # let _ = (id, name, roles);
/// }
/// ```
///
/// # What is generated
///
/// For a struct `Auth`:
///
/// - `AuthAccessors` with the methods below, which a `Session<Auth>` has as its own;
/// - the enum `AuthField`, which names the fields: `AuthField::UserId`;
/// - `Auth::defaults()`, of the trait `SecureSession`: the value of a session that was never stored.
///
/// | Field | Getter | Setter | Also |
/// |---|---|---|---|
/// | `n: u32`, `bool`, other primitives, arrays and tuples of them, or [`copy`](#copy) | `n() -> u32` | `set_n(u32)` | `update_n(\|v\| …)` |
/// | `name: String` | `name() -> &str` | `set_name(impl Into<String>)` | `update_name(\|s\| …)` |
/// | `items: Vec<F>` | `items() -> &[F]` | `set_items(impl IntoIterator<Item = F>)`; for `Vec<String>` `Item = impl Into<String>` | `clear_items()`, `update_items(\|v\| …)` |
/// | `x: Option<F>` | `x()`: `Option<F>` if `F` is `Copy`, `Option<&str>`, `Option<&[_]>`, else `Option<&F>` | `set_x(impl IntoOption<F>)` | `clear_x()`, `take_x() -> Option<F>`, `update_x(\|x\| …)` |
/// | anything else | `x() -> &F` | `set_x(F)` | `update_x(\|x\| …)` |
///
/// A macro sees names and not types. `String`, `Vec` and `Option` are known by name, alone or with
/// their path in the standard library; a type of your own with one of these names is told apart by
/// any path, such as `self::String`.
///
/// The closure of an `update_…` method changes the value in place and returns nothing, so that
/// `|v| v + 1`, which would change nothing, does not compile.
///
/// Accessors have the documentation of their field and the visibility of the struct, unless
/// [`vis`](#vis) says otherwise. The variants of the enum have that documentation, too, and the
/// getter's names a [`default`](#default). Links to `Self` lead to the struct from everywhere. Where
/// a type of your own is called `AuthAccessors` or `AuthField`, give the generated one another name
/// with [`accessors`](#accessors) or [`fields`](#fields).
///
/// Methods of `Session` come before accessors, and accessors before methods of the struct: a method
/// of your own called `touch` is reached as `Auth::touch(&auth)`. A field whose accessor could not
/// be reached is an error that asks for [`accessor`](#accessor).
///
/// # What is stored
///
/// One JSON object with a member for each field. `None` is left out. A missing member takes the
/// field's default, so a default must be the same each time. `null` reads as `None`, and for a field
/// that is not an `Option` as its default. A member that does not fit its field rejects the session
/// (`RejectReason::Schema`), unless the field is [`lenient`](#lenient) or [`migrate`](#migrate) makes
/// it fit.
///
/// A member goes back byte for byte until its field is written, additions inside of its value
/// included; a member that no field names always does, unless [`forget`](#forget) names it. `sign_in`,
/// `regenerate` and `destroy` drop both.
///
/// # What is refused
///
/// Structs without named fields, enums and unions; type, const and lifetime parameters; more than
/// 64 fields; `Option<Option<_>>`; references; `#[serde(…)]` on the struct or a field, as it would
/// have no effect. All mistakes of a struct are shown in one compile.
///
/// # Attributes of the struct
///
/// Written `#[session(key = "value", flag)]`. A flag is `flag`, `flag = true` or `flag = false`. A
/// duration is an integer and one of `s`, `m`, `h`, `d`, `w`, between one second and 400 days. A
/// policy given to the middleware's builder comes before these.
///
/// ## `cookie`
///
/// `cookie = "name"`: the cookie's name, an RFC 6265 §4.1.1 token of at most 1024 bytes, as the value of
/// the session needs the rest of what browsers keep. The prefixes `__Host-`,
/// `__Secure-`, `__Http-` and `__Host-Http-` are held to what browsers demand of them
/// (RFC 6265bis §4.1.3).
/// Default: `__Host-` and the struct's name in snake case. That name needs `secure`, `path = "/"`
/// and no `domain`; with other attributes give another. In the fastify [`format`](#format):
/// `session`.
///
/// ## `accessors`
///
/// `accessors = AuthMethods` or `"AuthMethods"`: the name of the type with the accessors. Default: the
/// struct's name and `Accessors`.
///
/// ## `fields`
///
/// `fields = AuthFields` or `"AuthFields"`: the name of the enum of fields. Default: the struct's name
/// and `Field`.
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
/// ## `path`
///
/// `path = "/shop"`: the cookie is sent to this path and those below. Default: `/`.
///
/// ## `domain`
///
/// `domain = "example.com"`: the cookie is sent to this host and all hosts below it.
/// Default: to the host that set it, and to no other.
///
/// ## `same_site`
///
/// `same_site = "strict"`, `"lax"` or `"none"`: whether requests that other sites begin carry the
/// cookie. `"none"` needs `secure`. Default: `"lax"`.
///
/// ## `secure`
///
/// The cookie is sent over https only. Default: `true`. For development over plain http see
/// `plain_http` of the middleware's builder.
///
/// ## `http_only`
///
/// Scripts cannot read the cookie. Default: `true`.
///
/// ## `partitioned`
///
/// Each top-level site has a cookie of its own (CHIPS); needs `secure`. Default: `false`.
///
/// ## `persistent`
///
/// The cookie outlives the browser: `Max-Age` is the time the session has left. In the native
/// [`format`](#format) it needs `idle` to be given. Default: `false`, the cookie ends with the
/// browser.
///
/// ## `idle`
///
/// `idle = "30m"`: the session ends after this time without activity; `idle = "none"` sets no such
/// limit. Default: 30 minutes. In the fastify [`format`](#format) there is no `"none"`, and the
/// default is that of @fastify/secure-session, 86401 seconds.
///
/// ## `absolute`
///
/// `absolute = "12h"`: the session ends this long after it began, whatever happens. There is no
/// `"none"`; beyond 30 days `idle` has to be given, too. Default: 12 hours. In the fastify
/// [`format`](#format) there is no such limit.
///
/// ## `refresh`
///
/// `refresh = "3m"`: an active session is sent again when this much of its idle time is gone;
/// `refresh = "none"` leaves it to writes and `touch`. Below `idle`. Default: a tenth of `idle`.
///
/// ## `purpose`
///
/// `purpose = "checkout"`: bound into the key, so that a value opens under this purpose only.
/// Default: empty. In the fastify [`format`](#format) nothing is bound, and there is none.
///
/// ## `forget`
///
/// `forget = "old_name"`: a member of the JSON object that is dropped on reading. May be repeated.
///
/// ## `lenient`
///
/// All fields are [`lenient`](#lenient-1), but for those with `lenient = false`. Default: `false`; in
/// the fastify [`format`](#format) `true`.
///
/// ## `version`
///
/// `version = 2`: the number of the struct's shape, from 1 to 4294967295. It is stored with the
/// session, and the higher number is kept when an older build writes a newer session. Raise it with
/// each change that [`migrate`](#migrate) is to work on, and never lower it. Needs `migrate`. Does
/// not exist in the fastify [`format`](#format). Default: 0, and nothing is stored.
///
/// ## `migrate`
///
/// `migrate = path::to::function`: makes the JSON object of an older [`version`](#version) one of
/// the current version. `fn(from: u32, members: &mut serde_json::Map<String, Value>)`, with no
/// result or a `Result<(), E>`.
///
/// - It runs when a session is opened whose number is lower than `version`, once for all steps:
///   `from` is that number, 0 for a session stored without one or taken over from Node.
/// - What it leaves is read as any session: missing fields have their defaults, aliases count,
///   unknown members are kept.
/// - The session is sent again with the new number, as with a change of keys: by the next response,
///   also of a request that only reads. It runs again only if that response was lost. It is no
///   change that `changed_fields` tells of.
/// - `sign_in` and `regenerate` drop what the struct does not know, and with it a newer number.
/// - An error or a panic refuses the session (`RejectReason::Schema`), with a line in the log that holds
///   neither. A panic is caught where the build unwinds; with `panic = "abort"` it ends the
///   program.
/// - A number beyond 64 bits is rounded in `serde_json::Value`. A member that is left alone, or
///   moved or copied as a whole, keeps its text all the same.
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
///             // One role has become several.
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
/// `"fastify"` is the format of @fastify/secure-session, for a session that is shared with an
/// application on Node. It needs the feature `fastify` of the library. Such a
/// session has one time, that of its last write: there is neither [`absolute`](#absolute) nor
/// [`purpose`](#purpose), and the methods `sign_in`, `reauthenticate` and `remember_for`
/// do not exist for it. The members `__ts`, `__proto__`, `constructor` and `prototype` mean
/// something there already, so no field has one of these names in the JSON object.
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
/// `crate = ::sessions`: the path of the library, where a dependency or a re-export has given it
/// another name. Default: `::secure_session`.
///
/// # Attributes of a field
///
/// ## `rename`
///
/// `rename = "uid"`: the name of the JSON member. Default: the field's name, without `r#`.
///
/// ## `alias`
///
/// `alias = "uid"`: an earlier name of the member, read where the current one is missing; the first
/// listed comes before the others. May be repeated.
///
/// ## `default`
///
/// `default = 20`: an expression for the value of a session that was never stored, and of a member
/// that is missing. A string stands for a `String`, also in an `Option`. `None` in an `Option` with
/// a default is stored as `null`, for it would come back as the default otherwise.
/// Default: the type's `Default`.
///
/// Setting the default where nothing was stored is no change and sends nothing; when another field
/// is stored, the default is stored along with it. So the value does not tell whether a user chose
/// it: an `Option` without a default does.
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
/// `debug`; `info().reset_fields()` names it in a handler. That is no change: nothing is sent for
/// it. The member stays in the cookie under its name until the field is written (a setter writes the
/// default as well), so that another build can still read it. If both the current name and an alias
/// are there, the current name alone counts. Default: that of the struct.
///
/// # Security
///
/// Write `lenient = false` on fields that decide what a user may do (`suspended`, `admin`), where a
/// default could say the wrong thing. In the fastify [`format`](#format) all fields are lenient
/// unless you do.
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
/// On one `Option` field, which says who is signed in: a request that sets it to a user without
/// `sign_in` (in the fastify format, without `regenerate`) is logged as
/// `session.identity_without_sign_in`, at `warn` the first time and then at `debug`.
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
/// ## `keep`
///
/// The field survives `regenerate` and `sign_in`.
///
/// ## `skip`
///
/// The field lives for this request and is never stored. It needs neither `Serialize` nor
/// `Deserialize`.
///
/// ## `with`
///
/// `with = path::to::module`, or a type such as `with = As::<Text>`: the field is stored by the
/// functions `serialize` and `deserialize` of the module or type, as serde's attribute of this name.
/// Those of an `Option` are given the whole
/// `Option`; `None` is left out without asking them, unless the field has a `default`.
///
/// ## `rest`
///
/// On one field of the type `serde_json::Map<String, Value>`: it holds the members that no field
/// names.
///
/// ### Security
///
/// Members of the map and fields share one set of names. Where visitors choose names, they must not
/// be at the top level: `prefs["role"] = "admin"` of today is the field `role: Option<String>` of a
/// later build. Put such names below one member that the application names, as in
/// `{"prefs": {"role": …}}`: a field `prefs: Map<String, Value>` without `rest` does that.
///
/// ```
/// # use secure_session::SecureSession;
/// # use serde_json::{Map, Value};
/// #[derive(SecureSession)]
/// struct Prefs {
///     /// Under names that visitors choose.
///     chosen: Map<String, Value>,
///     /// Under names that other builds and applications choose.
///     #[session(rest)]
///     others: Map<String, Value>,
/// }
/// ```
///
/// ## `copy`
///
/// The type is `Copy`, so the getter gives a copy in place of a reference. Types of one's own need
/// it, inside an `Option` too; primitives, arrays and tuples of them do not.
///
/// ## `accessor`
///
/// `accessor = signed_in_user` or `"signed_in_user"`: the name of the getter, which the other
/// methods and the variant are named after. Default: the field's name.
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
