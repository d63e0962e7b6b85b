//! One field.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::{
    DeriveInput, Expr, ExprLit, Ident, Lit, LitStr, Path, Type, Visibility, ext::IdentExt as _,
};

use super::{AccessorNames, Kind, Shape, docs};
use crate::attr::FieldAttrs;

/// A field with everything its generated code needs.
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are the flags of a field's attributes"
)]
pub(crate) struct Field {
    /// The position in the struct.
    pub(crate) index: usize,
    pub(crate) ident: Ident,
    /// The name without `r#`.
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) shape: Shape,
    pub(crate) names: AccessorNames,
    /// The visibility of the accessors.
    pub(crate) vis: Visibility,
    /// The attributes that are copied from the field to generated items.
    docs: Vec<TokenStream>,
    pub(crate) default: DefaultValue,
    pub(crate) storage: Storage,
    /// Says who is signed in.
    pub(crate) identity: bool,
    pub(crate) keep: bool,
    /// Pages and applications may see it.
    pub(crate) public: bool,
    /// A member that does not fit becomes the default.
    pub(crate) lenient: bool,
    /// Its value selects sessions to revoke.
    pub(crate) revoke_by: bool,
}

/// Where a new session's value comes from.
pub(crate) enum DefaultValue {
    Expr(Expr),
    /// A literal for a `String`, or for the `String` in an `Option`.
    Literal(LitStr),
    Type,
}

/// How a field is stored.
pub(crate) enum Storage {
    Member {
        name: JsonName,
        aliases: Vec<JsonName>,
        with: Option<Path>,
    },
    /// Holds the members that no field names.
    Rest,
    /// Lives for one request.
    Skip,
}

/// The name of a JSON member, and the span of the token that sets it.
pub(crate) struct JsonName {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl Field {
    /// Builds a field even from invalid attributes, so that stubs have all accessors.
    pub(super) fn new(
        item: &DeriveInput,
        index: usize,
        ident: &Ident,
        field: &syn::Field,
        attrs: &FieldAttrs,
        lenient_struct: bool,
        revocable_struct: bool,
    ) -> Self {
        // In the accessors `Self` is another type.
        let ty = without_self(&field.ty, &item.ident);
        let shape = Shape::of(&ty, attrs.copy.on().is_some());
        let accessor = attrs.accessor.value().unwrap_or(ident);
        let vis = attrs.vis.value().unwrap_or(&item.vis);
        let identity = attrs.identity.on().is_some();
        Self {
            index,
            ident: ident.clone(),
            name: ident.unraw().to_string(),
            names: AccessorNames::new(accessor, &shape),
            vis: vis.clone(),
            docs: docs::carried_over(&field.attrs, &item.ident),
            default: DefaultValue::new(attrs.default.value(), &shape),
            storage: Storage::new(ident, attrs),
            identity,
            keep: attrs.keep.on().is_some(),
            public: attrs.public.on().is_some(),
            lenient: attrs.lenient.value().copied().unwrap_or(lenient_struct),
            revoke_by: attrs.revoke_by.on().is_some() || (identity && revocable_struct),
            shape,
            ty,
        }
    }

    /// The documentation of an item that is generated from the field: `header`, then the field's
    /// own.
    pub(crate) fn docs(&self, header: &str) -> TokenStream {
        let docs = &self.docs;
        let space = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
        quote! {
            #[doc = #header]
            #space
            #(#docs)*
        }
    }

    /// The default as written in the attribute.
    pub(crate) fn default_text(&self) -> Option<String> {
        match &self.default {
            DefaultValue::Expr(expr) => Some(quote!(#expr).to_string()),
            DefaultValue::Literal(literal) => Some(literal.to_token_stream().to_string()),
            DefaultValue::Type => None,
        }
    }

    pub(crate) fn is_skipped(&self) -> bool {
        matches!(self.storage, Storage::Skip)
    }
}

impl DefaultValue {
    fn new(given: Option<&Expr>, shape: &Shape) -> Self {
        match (given, shape.kind()) {
            (None, _) => Self::Type,
            (Some(expr), Kind::String) => match string_literal(expr) {
                Some(literal) => Self::Literal(literal.clone()),
                None => Self::Expr(expr.clone()),
            },
            (Some(expr), _) => Self::Expr(expr.clone()),
        }
    }
}

impl Storage {
    fn new(ident: &Ident, attrs: &FieldAttrs) -> Self {
        if attrs.skip.on().is_some() {
            return Self::Skip;
        }
        if attrs.rest.on().is_some() {
            return Self::Rest;
        }
        Self::Member {
            name: match attrs.rename.value() {
                Some(name) => JsonName::written(name),
                None => JsonName {
                    text: ident.unraw().to_string(),
                    span: ident.span(),
                },
            },
            aliases: attrs
                .aliases
                .iter()
                .map(|alias| JsonName::written(&alias.name))
                .collect(),
            with: attrs.with.value().cloned(),
        }
    }
}

impl JsonName {
    pub(crate) fn written(literal: &LitStr) -> Self {
        Self {
            text: literal.value(),
            span: literal.span(),
        }
    }
}

/// The string literal that an expression is, also inside the groups of `macro_rules!`.
pub(crate) fn string_literal(expr: &Expr) -> Option<&LitStr> {
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Str(literal),
            ..
        }) => Some(literal),
        Expr::Group(group) => string_literal(&group.expr),
        Expr::Paren(paren) => string_literal(&paren.expr),
        _ => None,
    }
}

/// Replaces `Self` with the name of the struct.
fn without_self(ty: &Type, name: &Ident) -> Type {
    let named = replaced(quote!(#ty), name);
    // The tokens are still a type after one identifier is replaced with another.
    syn::parse2(named).unwrap_or_else(|_| ty.clone())
}

fn replaced(tokens: TokenStream, name: &Ident) -> TokenStream {
    let replace = |token| match token {
        TokenTree::Ident(ident) if ident == "Self" => {
            let mut name = name.clone();
            name.set_span(ident.span());
            name.into_token_stream()
        }
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), replaced(group.stream(), name));
            inner.set_span(group.span());
            inner.into_token_stream()
        }
        other => other.into_token_stream(),
    };
    tokens.into_iter().map(replace).collect()
}
