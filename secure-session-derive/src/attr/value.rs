//! Parses the value of one key.

use proc_macro2::Span;
use syn::{
    Expr, Ident, LitBool, LitInt, LitStr, Path, PathArguments, Token, Visibility,
    ext::IdentExt as _,
    meta::ParseNestedMeta,
    parse::{Parse, ParseStream},
    token,
};

use super::Key;

/// A key whose value is parsed next.
pub(crate) struct Value<'a> {
    pub(crate) key: &'static Key,
    pub(crate) key_span: Span,
    input: ParseStream<'a>,
}

impl<'a> Value<'a> {
    pub(crate) fn of(key: &'static Key, meta: &ParseNestedMeta<'a>) -> Self {
        let key_span = meta
            .path
            .segments
            .first()
            .map(|segment| segment.ident.span());
        Self {
            key,
            key_span: key_span.unwrap_or_else(Span::call_site),
            input: meta.input,
        }
    }

    /// The span of the value; for a bare flag, the span of the key.
    pub(super) fn span(&self) -> Span {
        let ahead = self.input.fork();
        match ahead.parse::<Token![=]>() {
            Ok(_) if !ahead.is_empty() => ahead.span(),
            _ => self.key_span,
        }
    }

    /// `key`, `key = true` or `key = false`.
    pub(crate) fn flag(&self) -> syn::Result<bool> {
        if !self.input.peek(Token![=]) {
            return Ok(true);
        }
        self.input.parse::<Token![=]>()?;
        let place = self.place();
        let Ok(flag) = self.input.parse::<LitBool>() else {
            let name = self.key.name;
            let message =
                format!("`{name}` is a flag; write `{name}`, `{name} = true` or `{name} = false`");
            return Err(syn::Error::new(place, message));
        };
        Ok(flag.value)
    }

    /// `key = "text"`.
    pub(crate) fn string(&self) -> syn::Result<LitStr> {
        self.assigned("a string")
    }

    /// `key = "text"`, where the text must not be empty.
    pub(super) fn name(&self) -> syn::Result<LitStr> {
        let name = self.string()?;
        if name.value().is_empty() {
            let Key { name: key, example } = self.key;
            let message = format!("`{key}` must not be empty; write a name, such as `{example}`");
            return Err(syn::Error::new_spanned(&name, message));
        }
        Ok(name)
    }

    /// `key = some::path`, `key = Type::<Argument>` or the same in quotes.
    pub(crate) fn path(&self) -> syn::Result<Path> {
        self.bare_or_quoted("a path", |input| {
            let mut path: Path = input.parse()?;
            for segment in &mut path.segments {
                match &mut segment.arguments {
                    PathArguments::None => {}
                    // In an expression `Type<Argument>` would be a comparison.
                    PathArguments::AngleBracketed(arguments) => {
                        arguments.colon2_token.get_or_insert_default();
                    }
                    PathArguments::Parenthesized(_) => {
                        return Err(input.error("a path has no parentheses"));
                    }
                }
            }
            Ok(path)
        })
    }

    /// `key = 2`, at least 1.
    pub(super) fn version(&self) -> syn::Result<u32> {
        let literal: LitInt = self.assigned("a number")?;
        let version = literal.base10_parse().unwrap_or(0);
        if version == 0 || !literal.suffix().is_empty() {
            let message = format!(
                "`{}` must be a plain number from 1 to {}; sessions that were stored without one \
                 have 0",
                self.key.name,
                u32::MAX
            );
            return Err(syn::Error::new_spanned(&literal, message));
        }
        Ok(version)
    }

    /// `key = name` or `key = "name"`; a keyword becomes a raw identifier.
    pub(super) fn ident(&self) -> syn::Result<Ident> {
        self.bare_or_quoted("a name", |input| usable(&input.call(Ident::parse_any)?))
    }

    /// `key = Name` or `key = "Name"`.
    pub(super) fn type_name(&self) -> syn::Result<Ident> {
        self.bare_or_quoted("the name of a type", Ident::parse)
    }

    /// `key = pub(crate)` or `key = "pub(crate)"`; the empty string is private.
    pub(super) fn visibility(&self) -> syn::Result<Visibility> {
        let quoted = self.is_quoted();
        self.bare_or_quoted("a visibility (`\"\"` is private)", move |input| {
            // The empty visibility of a `macro_rules!` is a group without tokens.
            if !quoted && !input.peek(Token![pub]) && !input.peek(token::Group) {
                return Err(input.error("expected `pub`"));
            }
            input.parse()
        })
    }

    /// `key = expression`.
    pub(super) fn expr(&self) -> syn::Result<Expr> {
        if !self.input.peek(Token![=]) {
            return Err(syn::Error::new(self.key_span, self.needs("a value")));
        }
        self.assigned("an expression")
    }

    /// The message for a missing value or one of the wrong form.
    pub(super) fn needs(&self, what: &str) -> String {
        let Key { name, example } = self.key;
        format!("`{name}` needs {what}, such as `{example}`")
    }

    fn assigned<T: Parse>(&self, what: &str) -> syn::Result<T> {
        self.equals(what)?;
        let place = self.place();
        self.input
            .parse()
            .map_err(|_| syn::Error::new(place, self.needs(what)))
    }

    fn bare_or_quoted<T>(
        &self,
        what: &str,
        parse: impl Fn(ParseStream<'_>) -> syn::Result<T>,
    ) -> syn::Result<T> {
        let quoted = self.is_quoted();
        self.equals(what)?;
        let place = self.place();
        let parsed = if quoted {
            self.input
                .parse::<LitStr>()
                .and_then(|text| text.parse_with(&parse))
        } else {
            parse(self.input)
        };
        parsed.map_err(|_| syn::Error::new(place, self.needs(what)))
    }

    fn equals(&self, what: &str) -> syn::Result<()> {
        match self.input.parse::<Token![=]>() {
            Ok(_) => Ok(()),
            Err(_) => Err(syn::Error::new(self.key_span, self.needs(what))),
        }
    }

    fn is_quoted(&self) -> bool {
        let ahead = self.input.fork();
        ahead.parse::<Token![=]>().is_ok() && ahead.parse::<LitStr>().is_ok()
    }

    /// The span of the next token. At the end, the stream's own span covers the whole attribute, so
    /// this returns the key's span.
    fn place(&self) -> Span {
        if self.input.is_empty() {
            self.key_span
        } else {
            self.input.span()
        }
    }
}

/// Returns a method name. Keywords become raw identifiers; `self` and the like cannot be one.
fn usable(name: &Ident) -> syn::Result<Ident> {
    let text = name.unraw().to_string();
    if syn::parse_str::<Ident>(&text).is_ok() {
        return Ok(Ident::new(&text, name.span()));
    }
    let never_raw = ["_", "crate", "self", "Self", "super"];
    if never_raw.contains(&text.as_str()) {
        return Err(syn::Error::new_spanned(name, "not a name for a method"));
    }
    Ok(Ident::new_raw(&text, name.span()))
}
