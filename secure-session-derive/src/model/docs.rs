//! The documentation of a field, copied to the items generated from it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, Meta, ext::IdentExt as _};

/// Returns the documentation and deprecation, which callers of an accessor should see too.
pub(super) fn carried_over(attrs: &[Attribute], session: &Ident) -> Vec<TokenStream> {
    let mut carried = Vec::new();
    let mut links = Vec::new();
    for attr in attrs {
        if attr.path().is_ident("deprecated") {
            carried.push(quote!(#attr));
        } else if attr.path().is_ident("doc") {
            carried.push(if let Some(text) = text(attr) {
                let text = with_struct_links(&text, session, &mut links);
                quote!(#[doc = #text])
            } else {
                quote!(#attr)
            });
        }
    }
    if !links.is_empty() {
        carried.push(quote!(#[doc = ""]));
        carried.extend(links.iter().map(|link| quote!(#[doc = #link])));
    }
    carried
}

/// The text of `#[doc = "text"]`.
fn text(attr: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attr.meta else {
        return None;
    };
    match &meta.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.value()),
        _ => None,
    }
}

/// Points links to `Self` at the struct: in accessors and in the enum of fields, `Self` is another
/// type. A link that is its own label, `[Self::MAX]`, keeps its text and gets a definition in
/// `links`.
fn with_struct_links(line: &str, session: &Ident, links: &mut Vec<String>) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('[') {
        let Some(len) = rest[start..].find(']') else {
            break;
        };
        let end = start + len + 1;
        let label = &rest[start + 1..end - 1];
        out.push_str(&rest[..end]);
        rest = &rest[end..];
        let (opening, closing) = match rest.as_bytes() {
            [b'(', ..] => ("(", Some(')')),
            [b':', ..] => (":", None),
            _ => {
                if let Some(target) = of_struct(label, session) {
                    let definition = format!("[{label}]: {target}");
                    if !links.contains(&definition) {
                        links.push(definition);
                    }
                }
                continue;
            }
        };
        let target_end = closing.map_or(rest.len(), |closing| {
            rest.find(closing).unwrap_or(rest.len())
        });
        let target = &rest[opening.len()..target_end];
        out.push_str(opening);
        match of_struct(target.trim(), session) {
            Some(of_struct) => {
                out.push_str(if closing.is_none() { " " } else { "" });
                out.push_str(&of_struct);
            }
            None => out.push_str(target),
        }
        rest = &rest[target_end..];
    }
    out.push_str(rest);
    out
}

/// The target of a link with `Self` replaced by the struct; `None` for a link to something else.
fn of_struct(link: &str, session: &Ident) -> Option<String> {
    let link = link.trim_matches('`');
    let (kind, path) = link
        .split_once('@')
        .map_or(("", link), |(kind, path)| (&link[..=kind.len()], path));
    let member = path.strip_prefix("Self")?;
    let ends = member.is_empty() || member.starts_with("::") || member.starts_with(['#', ' ']);
    ends.then(|| format!("{kind}{}{member}", session.unraw()))
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    #[test]
    fn links_to_self_point_at_the_struct() {
        let session = Ident::new("Basket", Span::call_site());
        for (line, text, links) in [
            (
                "At most [`Self::MAX`].",
                "At most [`Self::MAX`].",
                &["[`Self::MAX`]: Basket::MAX"][..],
            ),
            (
                "[Self] and [fn@Self::max].",
                "[Self] and [fn@Self::max].",
                &["[Self]: Basket", "[fn@Self::max]: fn@Basket::max"],
            ),
            (
                "[most](Self::MAX) [x][Self::Y]",
                "[most](Basket::MAX) [x][Self::Y]",
                &["[Self::Y]: Basket::Y"],
            ),
            ("[most]: Self::MAX", "[most]: Basket::MAX", &[]),
            ("[most](`Self::max`)", "[most](Basket::max)", &[]),
            (
                "[`Self::max()`]",
                "[`Self::max()`]",
                &["[`Self::max()`]: Basket::max()"],
            ),
            (
                "[Selfish] `Self` [x](Other) ]] [",
                "[Selfish] `Self` [x](Other) ]] [",
                &[],
            ),
            ("`[Self", "`[Self", &[]),
        ] {
            let mut found = Vec::new();
            assert_eq!(with_struct_links(line, &session, &mut found), text);
            assert_eq!(found, links, "{line}");
        }
    }
}
