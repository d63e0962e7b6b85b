//! The attribute keys of a struct.

use proc_macro2::Span;
use syn::{Attribute, Ident, LitStr, Path, meta::ParseNestedMeta};

use super::{Attr, Key, Place, Value, each_key, field, find};
use crate::{
    error::Errors,
    model::{
        ChosenFormat, CookieName, CookiePath, CratePath, CrossOrigin, Domain, Duration, Format,
        SameSite,
    },
};

const ABSOLUTE: Key = key("absolute", "absolute = \"12h\"");
const ACCESSORS: Key = key("accessors", "accessors = \"AuthMethods\"");
const COOKIE: Key = key("cookie", "cookie = \"__Host-auth\"");
const CRATE: Key = key("crate", "crate = ::secure_session");
const CROSS_ORIGIN: Key = key("cross_origin", "cross_origin = \"refuse\"");
const DOMAIN: Key = key("domain", "domain = \"example.com\"");
const FIELDS: Key = key("fields", "fields = \"AuthFields\"");
const FORGET: Key = key("forget", "forget = \"old_name\"");
const FORMAT: Key = key("format", "format = \"fastify\"");
const HTTP_ONLY: Key = key("http_only", "http_only");
const IDLE: Key = key("idle", "idle = \"30m\"");
const LENIENT: Key = key("lenient", "lenient");
const MIGRATE: Key = key("migrate", "migrate = Auth::migrate");
const PARTITIONED: Key = key("partitioned", "partitioned");
const PATH: Key = key("path", "path = \"/\"");
const PERSISTENT: Key = key("persistent", "persistent");
const PUBLIC: Key = key("public", "public = \"AuthView\"");
const PURPOSE: Key = key("purpose", "purpose = \"checkout\"");
const REFRESH: Key = key("refresh", "refresh = \"3m\"");
const REMEMBER: Key = key("remember", "remember = \"30d\"");
const REVOCABLE: Key = key("revocable", "revocable");
const SAME_SITE: Key = key("same_site", "same_site = \"lax\"");
const SECURE: Key = key("secure", "secure");
const SELECTOR: Key = key("selector", "selector = \"AuthSessions\"");
const VERSION: Key = key("version", "version = 1");

pub(super) const KEYS: &[Key] = &[
    ABSOLUTE,
    ACCESSORS,
    COOKIE,
    CRATE,
    CROSS_ORIGIN,
    DOMAIN,
    FIELDS,
    FORGET,
    FORMAT,
    HTTP_ONLY,
    IDLE,
    LENIENT,
    MIGRATE,
    PARTITIONED,
    PATH,
    PERSISTENT,
    PUBLIC,
    PURPOSE,
    REFRESH,
    REMEMBER,
    REVOCABLE,
    SAME_SITE,
    SECURE,
    SELECTOR,
    VERSION,
];

/// The values of `#[session(…)]` on the struct.
#[derive(Default)]
pub(crate) struct ContainerAttrs {
    pub(crate) absolute: Attr<Duration>,
    /// The name of the type with the accessors.
    pub(crate) accessors: Attr<Ident>,
    pub(crate) cookie: Attr<CookieName>,
    pub(crate) cross_origin: Attr<CrossOrigin>,
    pub(crate) domain: Attr<Domain>,
    /// The name of the enum of fields.
    pub(crate) fields: Attr<Ident>,
    /// JSON members that are dropped on reading.
    pub(crate) forget: Vec<LitStr>,
    pub(crate) format: Attr<Format>,
    pub(crate) http_only: Attr<bool>,
    /// `None` is `idle = "none"`.
    pub(crate) idle: Attr<Option<Duration>>,
    pub(crate) lenient: Attr<bool>,
    pub(crate) migrate: Attr<Path>,
    pub(crate) partitioned: Attr<bool>,
    pub(crate) path: Attr<CookiePath>,
    pub(crate) persistent: Attr<bool>,
    /// The name of the struct of the public fields.
    pub(crate) public: Attr<Ident>,
    pub(crate) purpose: Attr<LitStr>,
    /// `None` is `refresh = "none"`.
    pub(crate) refresh: Attr<Option<Duration>>,
    /// The longest `remember_for`.
    pub(crate) remember: Attr<Duration>,
    pub(crate) revocable: Attr<bool>,
    pub(crate) root: Attr<CratePath>,
    pub(crate) same_site: Attr<SameSite>,
    pub(crate) secure: Attr<bool>,
    /// The name of the enum that selects sessions to revoke.
    pub(crate) selector: Attr<Ident>,
    pub(crate) version: Attr<u32>,
}

impl ContainerAttrs {
    pub(crate) fn read(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut given = Self::default();
        each_key(attrs, errors, |meta| given.read_key(meta));
        given
    }

    /// The format with its span, or the default.
    pub(crate) fn format(&self) -> ChosenFormat {
        let written = self.format.written();
        ChosenFormat {
            format: written.map(|written| written.value).unwrap_or_default(),
            span: written.map_or_else(Span::call_site, |written| written.value_span),
        }
    }

    /// Whether the struct generates a selector. An invalid value of the flag counts, so that stubs
    /// have one.
    pub(crate) fn is_revocable(&self) -> bool {
        self.revocable.on().is_some() || self.revocable.is_unusable()
    }

    fn read_key(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let key = find(KEYS, field::KEYS, &meta.path, Place::Struct)?;
        let value = &Value::of(key, meta);
        match *key {
            ABSOLUTE => self.absolute.read(value, |value| {
                Duration::parse_finite(
                    value.key.name,
                    &value.string()?,
                    "`absolute` must not be `\"none\"` because every session must expire; use at \
                     most `absolute = \"400d\"`",
                )
            }),
            COOKIE => self
                .cookie
                .read(value, |value| CookieName::parse(&value.string()?)),
            ACCESSORS => self.accessors.read(value, Value::type_name),
            FIELDS => self.fields.read(value, Value::type_name),
            CRATE => self
                .root
                .read(value, |value| value.path().map(CratePath::from)),
            CROSS_ORIGIN => self
                .cross_origin
                .read(value, |value| CrossOrigin::parse(&value.string()?)),
            DOMAIN => self
                .domain
                .read(value, |value| Domain::parse(&value.string()?)),
            FORMAT => self
                .format
                .read(value, |value| Format::parse(&value.string()?)),
            HTTP_ONLY => self.http_only.read(value, Value::flag),
            IDLE => self.idle.read(value, |value| {
                Duration::parse(value.key.name, &value.string()?)
            }),
            LENIENT => self.lenient.read(value, Value::flag),
            MIGRATE => self.migrate.read(value, Value::path),
            PARTITIONED => self.partitioned.read(value, Value::flag),
            PATH => self
                .path
                .read(value, |value| CookiePath::parse(&value.string()?)),
            PERSISTENT => self.persistent.read(value, Value::flag),
            PUBLIC => self.public.read(value, Value::type_name),
            PURPOSE => self.purpose.read(value, Value::name),
            REFRESH => self.refresh.read(value, |value| {
                Duration::parse(value.key.name, &value.string()?)
            }),
            REMEMBER => self.remember.read(value, |value| {
                Duration::parse_finite(
                    value.key.name,
                    &value.string()?,
                    "`remember` must not be `\"none\"`; remove it, or write a duration, such as \
                     `remember = \"30d\"`",
                )
            }),
            REVOCABLE => self.revocable.read(value, Value::flag),
            SAME_SITE => self
                .same_site
                .read(value, |value| SameSite::parse(&value.string()?)),
            SECURE => self.secure.read(value, Value::flag),
            SELECTOR => self.selector.read(value, Value::type_name),
            VERSION => self.version.read(value, Value::version),
            // `forget`, the only key that may be repeated.
            _ => value.name().map(|name| self.forget.push(name)),
        }
    }
}

const fn key(name: &'static str, example: &'static str) -> Key {
    Key { name, example }
}
