//! The names that a field's accessors take.

use proc_macro2::Span;
use quote::format_ident;
use syn::{Ident, ext::IdentExt as _};

/// The methods of one field, and its variant in the enum of fields.
pub(crate) struct AccessorNames {
    pub(crate) getter: Ident,
    pub(crate) setter: Ident,
    pub(crate) update: Ident,
    /// Only an `Option` can be cleared and taken from.
    pub(crate) optional: Option<OptionalNames>,
    pub(crate) variant: Ident,
}

pub(crate) struct OptionalNames {
    pub(crate) clear: Ident,
    pub(crate) take: Ident,
}

impl AccessorNames {
    /// `accessor` is the name of the getter, which the others are made from.
    pub(crate) fn new(accessor: &Ident, is_option: bool) -> Self {
        // Where the field is, for messages and editors, and yet code of the macro's for lints.
        let span = accessor.span().resolved_at(Span::call_site());
        let name = accessor.unraw().to_string();
        let with_verb = |verb: &str| format_ident!("{verb}_{name}", span = span);
        let mut getter = accessor.clone();
        getter.set_span(span);
        Self {
            getter,
            setter: with_verb("set"),
            update: with_verb("update"),
            optional: is_option.then(|| OptionalNames {
                clear: with_verb("clear"),
                take: with_verb("take"),
            }),
            variant: variant(&name, span),
        }
    }

    /// Every method, the getter first.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Ident> {
        let optional = self.optional.iter();
        [&self.getter, &self.setter, &self.update]
            .into_iter()
            .chain(optional.flat_map(|names| [&names.clear, &names.take]))
    }
}

/// `user_id` is `UserId`; what is no identifier then gets an underscore.
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
