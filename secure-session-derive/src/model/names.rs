//! The names that a field's accessors take.

use proc_macro2::Span;
use quote::format_ident;
use syn::{Ident, ext::IdentExt as _};

use super::{Draft, Kind, Shape};

/// The types that are generated for a struct.
pub(crate) struct TypeNames {
    pub(crate) accessors: Ident,
    pub(crate) fields: Ident,
}

impl TypeNames {
    /// The given name, or the struct's with a suffix.
    pub(super) fn or_default(given: Option<&Ident>, draft: &Draft<'_>, suffix: &str) -> Ident {
        given.cloned().unwrap_or_else(|| {
            // At the struct's name, and yet code of the macro's for lints.
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
    /// Of an `Option` or a vector.
    pub(crate) clear: Option<Ident>,
    /// Of an `Option`.
    pub(crate) take: Option<Ident>,
    pub(crate) variant: Ident,
}

impl AccessorNames {
    /// `accessor` is the name of the getter, which the others are made from.
    pub(crate) fn new(accessor: &Ident, shape: &Shape) -> Self {
        // Where the field is, for messages and editors, and yet code of the macro's for lints.
        let span = accessor.span().resolved_at(Span::call_site());
        let name = accessor.unraw().to_string();
        let with_verb = |verb: &str| format_ident!("{verb}_{name}", span = span);
        let (can_be_cleared, can_be_taken) = match shape {
            Shape::Option { .. } => (true, true),
            Shape::Value(Kind::Vec { .. }) => (true, false),
            Shape::Value(_) => (false, false),
        };
        Self {
            getter: getter(&name, span),
            setter: with_verb("set"),
            update: with_verb("update"),
            clear: can_be_cleared.then(|| with_verb("clear")),
            take: can_be_taken.then(|| with_verb("take")),
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

/// A keyword is written raw: in the edition of the user's crate it may not be one, but generated
/// code has the edition of this crate.
fn getter(name: &str, span: Span) -> Ident {
    if name == "gen" || syn::parse_str::<Ident>(name).is_err() {
        Ident::new_raw(name, span)
    } else {
        Ident::new(name, span)
    }
}

/// `user_id` is `UserId`; anything that would not be an identifier gets an underscore.
fn variant(name: &str, span: Span) -> Ident {
    let camel: String = name.split('_').map(capitalised).collect();
    let candidates = [camel.clone(), format!("{camel}_"), format!("_{camel}")];
    let usable = candidates
        .iter()
        // `Self` is a keyword, `_1` leaves a number, and `__` nothing.
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
