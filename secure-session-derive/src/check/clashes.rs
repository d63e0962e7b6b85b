//! Checks that no two fields share a name.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use proc_macro2::Span;
use syn::ext::IdentExt as _;

use crate::{
    error::Errors,
    model::{Draft, DraftField, Storage},
};

pub(super) fn check(draft: &Draft<'_>, errors: &mut Errors) {
    stored_names(draft, errors);
    let clashing = accessors(draft, errors);
    variants(draft, &clashing, errors);
    types(draft, errors);
}

/// The struct and the generated types need different names.
fn types(draft: &Draft<'_>, errors: &mut Errors) {
    let names = draft.type_names();
    let attrs = &draft.attrs;
    let mut generated = vec![
        (&attrs.accessors, &names.accessors),
        (&attrs.fields, &names.fields),
    ];
    if draft.fields.iter().any(|draft| draft.field.public) {
        generated.push((&attrs.public, &names.public));
    }
    if attrs.is_revocable() {
        generated.push((&attrs.selector, &names.selector));
    }
    for &(attr, name) in &generated {
        let Some(written) = attr.written() else {
            continue;
        };
        let types_of_this_name = generated.iter().filter(|(_, other)| *other == name);
        let owner = if name.unraw() == draft.item.ident.unraw() {
            "the struct itself"
        } else if types_of_this_name.count() > 1 {
            "another generated type"
        } else {
            continue;
        };
        let message = format!("`{name}` is the name of {owner}; choose another name");
        errors.report_at(written.value_span, message);
    }
}

/// What already uses a JSON name.
enum Owner<'a> {
    Name(&'a DraftField),
    Alias(&'a DraftField),
}

impl Owner<'_> {
    fn described(&self) -> String {
        match self {
            Self::Name(draft) => format!("the stored name of field `{}`", draft.name()),
            Self::Alias(draft) => format!("an alias of field `{}`", draft.name()),
        }
    }

    /// Describes the owner of the name to an alias on field `index`.
    fn described_for_alias(&self, index: usize) -> String {
        match self {
            Self::Name(draft) if draft.field.index == index => "the field's own name".to_owned(),
            Self::Alias(draft) if draft.field.index == index => "already listed".to_owned(),
            Self::Name(_) | Self::Alias(_) => format!("already {}", self.described()),
        }
    }
}

fn stored_names(draft: &Draft<'_>, errors: &mut Errors) {
    let names = current_names(&draft.fields, errors);
    let mut owners: HashMap<_, _> = names
        .into_iter()
        .map(|(name, draft)| (name, Owner::Name(draft)))
        .collect();
    aliases(&draft.fields, &mut owners, errors);
    forgotten(draft, &owners, errors);
}

fn current_names<'a>(
    fields: &'a [DraftField],
    errors: &mut Errors,
) -> HashMap<&'a str, &'a DraftField> {
    let mut owners = HashMap::new();
    for draft in fields
        .iter()
        .filter(|draft| !draft.attrs.rename.is_unusable())
    {
        let Storage::Member { name, .. } = &draft.field.storage else {
            continue;
        };
        match owners.entry(name.text.as_str()) {
            Entry::Vacant(free) => {
                free.insert(draft);
            }
            Entry::Occupied(first) => {
                let message = format!(
                    "fields `{}` and `{}` are both stored as `{}`; set another `rename` on one of \
                     them",
                    first.get().name(),
                    draft.name(),
                    name.text
                );
                errors.report_at(name.span, message);
            }
        }
    }
    owners
}

fn aliases<'a>(
    fields: &'a [DraftField],
    owners: &mut HashMap<&'a str, Owner<'a>>,
    errors: &mut Errors,
) {
    for draft in fields {
        let Storage::Member { aliases, .. } = &draft.field.storage else {
            continue;
        };
        for alias in aliases {
            match owners.entry(alias.text.as_str()) {
                Entry::Vacant(free) => {
                    free.insert(Owner::Alias(draft));
                }
                Entry::Occupied(taken) => {
                    let message = format!(
                        "alias `{}` is {}; remove it",
                        alias.text,
                        taken.get().described_for_alias(draft.field.index)
                    );
                    errors.report_at(alias.span, message);
                }
            }
        }
    }
}

fn forgotten(draft: &Draft<'_>, owners: &HashMap<&str, Owner<'_>>, errors: &mut Errors) {
    let mut seen = HashSet::new();
    for name in &draft.attrs.forget {
        let text = name.value();
        if let Some(owner) = owners.get(text.as_str()) {
            let message = format!(
                "`forget` drops `{text}`, which is {}; remove one of them",
                owner.described()
            );
            errors.report(name, message);
        }
        if !seen.insert(text.clone()) {
            errors.report(name, format!("`forget` lists `{text}` twice; remove one"));
        }
    }
}

/// Reports clashing accessors and returns the indices of the later fields.
fn accessors(draft: &Draft<'_>, errors: &mut Errors) -> HashSet<usize> {
    let mut owners: HashMap<String, &DraftField> = HashMap::new();
    let mut clashing = HashSet::new();
    let named = |draft: &&DraftField| !draft.attrs.accessor.is_unusable();
    for later in draft.fields.iter().filter(named) {
        for method in later.field.names.methods() {
            let method = method.unraw().to_string();
            match owners.entry(method) {
                Entry::Vacant(free) => {
                    free.insert(later);
                }
                // One message per field: where getters clash, setters do too.
                Entry::Occupied(taken) if clashing.insert(later.field.index) => {
                    let message = format!(
                        "fields `{}` and `{}` both generate `{}()`; set another \
                         `#[session(accessor = \"…\")]` on one of them",
                        taken.get().name(),
                        later.name(),
                        taken.key()
                    );
                    errors.report_at(later.accessor_span(), message);
                }
                Entry::Occupied(_) => {}
            }
        }
    }
    clashing
}

/// `user_id` and `userId` have different accessors and the same variant.
fn variants(draft: &Draft<'_>, clashing: &HashSet<usize>, errors: &mut Errors) {
    let mut owners: HashMap<String, &DraftField> = HashMap::new();
    let unreported = |draft: &&DraftField| {
        !clashing.contains(&draft.field.index) && !draft.attrs.accessor.is_unusable()
    };
    for later in draft.fields.iter().filter(unreported) {
        let span: Span = later.accessor_span();
        match owners.entry(later.field.names.variant.to_string()) {
            Entry::Vacant(free) => {
                free.insert(later);
            }
            Entry::Occupied(taken) => {
                let message = format!(
                    "fields `{}` and `{}` both generate the variant `{}::{}`; set another \
                     `#[session(accessor = \"…\")]` on one of them",
                    taken.get().name(),
                    later.name(),
                    draft.type_names().fields,
                    taken.key()
                );
                errors.report_at(span, message);
            }
        }
    }
}
