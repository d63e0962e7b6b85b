//! The names of generated types, accessors and variants.

use proc_macro2::Span;
use quote::format_ident;
use syn::{Ident, ext::IdentExt as _};

use super::{Draft, Kind, Shape};

/// The types that are generated for a struct.
pub(crate) struct TypeNames {
    pub(crate) accessors: Ident,
    pub(crate) fields: Ident,
    pub(crate) public: Ident,
    /// Only for a revocable struct.
    pub(crate) selector: Ident,
}

impl TypeNames {
    /// The given name, or the struct's with a suffix.
    pub(super) fn or_default(given: Option<&Ident>, draft: &Draft<'_>, suffix: &str) -> Ident {
        given.cloned().unwrap_or_else(|| {
            // Located at the struct's name, but macro code as far as lints are concerned.
            let span = draft.item.ident.span().resolved_at(Span::call_site());
            format_ident!("{}{suffix}", draft.name(), span = span)
        })
    }
}

/// The methods of one field, and its variant in the enum of fields.
pub(crate) struct AccessorNames {
    pub(crate) getter: Ident,
    pub(crate) setter: Ident,
    pub(crate) update: Ident,
    /// For an `Option` or a `Vec`.
    pub(crate) clear: Option<Ident>,
    /// For an `Option`.
    pub(crate) take: Option<Ident>,
    pub(crate) variant: Ident,
}

impl AccessorNames {
    /// `accessor` is the name of the getter, from which the others are derived.
    pub(crate) fn new(accessor: &Ident, shape: &Shape) -> Self {
        // Located at the field for messages and editors, but macro code as far as lints are
        // concerned.
        let span = accessor.span().resolved_at(Span::call_site());
        let name = accessor.unraw().to_string();
        let prefixed = |prefix: &str| format_ident!("{prefix}_{name}", span = span);
        let (can_be_cleared, can_be_taken) = match shape {
            Shape::Option { .. } => (true, true),
            Shape::Value(Kind::Vec { .. }) => (true, false),
            Shape::Value(_) => (false, false),
        };
        Self {
            getter: getter(&name, span),
            setter: prefixed("set"),
            update: prefixed("update"),
            clear: can_be_cleared.then(|| prefixed("clear")),
            take: can_be_taken.then(|| prefixed("take")),
            variant: variant(&name, span),
        }
    }

    /// Every method, the getter first.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Ident> {
        [&self.getter, &self.setter, &self.update]
            .into_iter()
            .chain(&self.clear)
            .chain(&self.take)
    }
}

/// Keywords become raw identifiers. A keyword may be an ordinary name in the user's edition, but
/// generated code has the edition of this crate.
fn getter(name: &str, span: Span) -> Ident {
    if name == "gen" || syn::parse_str::<Ident>(name).is_err() {
        Ident::new_raw(name, span)
    } else {
        Ident::new(name, span)
    }
}

/// `user_id` becomes `UserId`; anything that would not be an identifier gets an underscore.
fn variant(name: &str, span: Span) -> Ident {
    let camel: String = name.split('_').map(capitalised).collect();
    let candidates = [camel.clone(), format!("{camel}_"), format!("_{camel}")];
    let usable = candidates
        .iter()
        // `self_` becomes the keyword `Self`, `_1` a number, and `__` is empty.
        .find(|candidate| syn::parse_str::<Ident>(candidate).is_ok());
    let text = usable.map_or(name, String::as_str);
    Ident::new(text, span)
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next();
    first
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(characters)
        .collect()
}
