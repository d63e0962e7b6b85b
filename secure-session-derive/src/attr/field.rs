//! The attribute keys of a field.

use proc_macro2::Span;
use syn::{Attribute, Expr, Ident, LitStr, Path, Visibility, meta::ParseNestedMeta};

use super::{Attr, Key, Place, Value, container, each_key, find};
use crate::error::Errors;

const ACCESSOR: Key = key("accessor", "accessor = \"signed_in_user\"");
const ALIAS: Key = key("alias", "alias = \"old_name\"");
const COPY: Key = key("copy", "copy");
const DEFAULT: Key = key("default", "default = 20");
const IDENTITY: Key = key("identity", "identity");
const KEEP: Key = key("keep", "keep");
const LENIENT: Key = key("lenient", "lenient");
const PUBLIC: Key = key("public", "public");
const RENAME: Key = key("rename", "rename = \"uid\"");
const REST: Key = key("rest", "rest");
const REVOKE_BY: Key = key("revoke_by", "revoke_by");
const SKIP: Key = key("skip", "skip");
const VIS: Key = key("vis", "vis = \"pub(crate)\"");
const WITH: Key = key("with", "with = \"path::to::module\"");

pub(super) const KEYS: &[Key] = &[
    ACCESSOR, ALIAS, COPY, DEFAULT, IDENTITY, KEEP, LENIENT, PUBLIC, RENAME, REST, REVOKE_BY, SKIP,
    VIS, WITH,
];

/// The values of `#[session(…)]` on a field.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) accessor: Attr<Ident>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) copy: Attr<bool>,
    pub(crate) default: Attr<Expr>,
    pub(crate) identity: Attr<bool>,
    pub(crate) keep: Attr<bool>,
    pub(crate) lenient: Attr<bool>,
    pub(crate) public: Attr<bool>,
    pub(crate) rename: Attr<LitStr>,
    pub(crate) rest: Attr<bool>,
    pub(crate) revoke_by: Attr<bool>,
    pub(crate) skip: Attr<bool>,
    pub(crate) vis: Attr<Visibility>,
    pub(crate) with: Attr<Path>,
}

/// One `alias = "…"`; the key may be repeated.
pub(crate) struct Alias {
    pub(crate) name: LitStr,
    pub(crate) key_span: Span,
}

impl FieldAttrs {
    pub(crate) fn read(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut given = Self::default();
        each_key(attrs, errors, |meta| given.read_key(meta));
        given
    }

    fn read_key(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let key = find(KEYS, container::KEYS, &meta.path, Place::Field)?;
        let value = &Value::of(key, meta);
        match *key {
            ACCESSOR => self.accessor.read(value, Value::ident),
            COPY => self.copy.read(value, Value::flag),
            DEFAULT => self.default.read(value, Value::expr),
            IDENTITY => self.identity.read(value, Value::flag),
            KEEP => self.keep.read(value, Value::flag),
            LENIENT => self.lenient.read(value, Value::flag),
            PUBLIC => self.public.read(value, Value::flag),
            RENAME => self.rename.read(value, Value::name),
            REST => self.rest.read(value, Value::flag),
            REVOKE_BY => self.revoke_by.read(value, Value::flag),
            SKIP => self.skip.read(value, Value::flag),
            VIS => self.vis.read(value, Value::visibility),
            WITH => self.with.read(value, Value::path),
            // `alias`, the only key that may be repeated.
            _ => value.name().map(|name| {
                let key_span = value.key_span;
                self.aliases.push(Alias { name, key_span });
            }),
        }
    }
}

const fn key(name: &'static str, example: &'static str) -> Key {
    Key { name, example }
}
