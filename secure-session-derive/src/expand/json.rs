//! Finds, reads and writes members of the JSON object. The library handles the object itself.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Path, spanned::Spanned as _};

use super::{Names, located_at, member_at_type, moved};
use crate::model::{DefaultValue, Field, Storage};

/// `__find`, `__read` and `__write`.
pub(super) fn functions(names: &Names<'_>, fields: &[Field]) -> TokenStream {
    let find = find(names, fields);
    let read = read(names, fields);
    let write = write(names, fields);
    quote! {
        #find
        #read
        #write
    }
}

fn find(names: &Names<'_>, fields: &[Field]) -> TokenStream {
    let Names { private, core, .. } = names;
    let arms = fields.iter().filter_map(|field| {
        let Storage::Member { name, aliases, .. } = &field.storage else {
            return None;
        };
        let index = field.index;
        let name = &name.text;
        let current = some(names, &quote!(#private::Found::Current(#index)));
        let aliases = aliases.iter().zip(0_u8..).map(|(alias, rank)| {
            let alias = &alias.text;
            let found = some(
                names,
                &quote!(#private::Found::Alias { field: #index, rank: #rank }),
            );
            quote!(#alias => #found,)
        });
        Some(quote! {
            #name => #current,
            #(#aliases)*
        })
    });
    quote! {
        fn __find(
            __name: &#core::primitive::str,
        ) -> #core::option::Option<#private::Found> {
            match __name {
                #(#arms)*
                _ => #core::option::Option::None,
            }
        }
    }
}

fn some(names: &Names<'_>, value: &TokenStream) -> TokenStream {
    let core = &names.core;
    quote!(#core::option::Option::Some(#value))
}

fn read(names: &Names<'_>, fields: &[Field]) -> TokenStream {
    let Names { private, core, .. } = names;
    let arms = fields.iter().filter_map(|field| {
        let Storage::Member { with, .. } = &field.storage else {
            return None;
        };
        let Field {
            index, ident, ty, ..
        } = field;
        let value = if let Some(with) = with {
            quote!(#with::deserialize(__value)?)
        } else {
            quote!(#private::read::<#ty, __D>(__value)?)
        };
        Some(quote!(#index => self.#ident = #value,))
    });
    quote! {
        fn __read<'de, __D: #private::serde::Deserializer<'de>>(
            &mut self,
            __field: #core::primitive::usize,
            __value: __D,
        ) -> #core::result::Result<(), __D::Error> {
            match __field {
                #(#arms)*
                // The field has no member.
                _ => {}
            }
            #core::result::Result::Ok(())
        }
    }
}

fn write(names: &Names<'_>, fields: &[Field]) -> TokenStream {
    let Names { private, core, .. } = names;
    let arms = fields.iter().filter_map(|field| {
        let index = field.index;
        let written = write_one(names, field)?;
        Some(quote!(#index => #written,))
    });
    quote! {
        fn __write(
            &self,
            __field: #core::primitive::usize,
            __out: &mut #private::FieldWriter<'_>,
        ) -> #core::result::Result<(), #private::WriteError> {
            match __field {
                #(#arms)*
                _ => #core::result::Result::Ok(()),
            }
        }
    }
}

/// Writes one field; `None` for a skipped one.
fn write_one(names: &Names<'_>, field: &Field) -> Option<TokenStream> {
    let Names { private, core, .. } = names;
    let (name, with) = match &field.storage {
        Storage::Member { name, with, .. } => (json_key(&name.text), with.as_ref()),
        Storage::Rest => {
            let ident = &field.ident;
            return Some(quote!(#private::FieldWriter::rest(__out, &self.#ident)));
        }
        Storage::Skip => return None,
    };
    // A missing member reads as the default, so `None` is omitted if it is the default.
    let leaves_out_none = field.shape.is_option() && matches!(field.default, DefaultValue::Type);
    let written = match with {
        Some(with) => write_with(names, field, with, &name),
        None if leaves_out_none => return Some(call_writer(names, field, "option", &name)),
        None if field.shape.is_option() => return Some(write_null_or_some(names, field, &name)),
        None => call_writer(names, field, "value", &name),
    };
    if leaves_out_none {
        let ident = &field.ident;
        return Some(quote! {
            match self.#ident {
                #core::option::Option::None => #core::result::Result::Ok(()),
                #core::option::Option::Some(_) => #written,
            }
        });
    }
    Some(written)
}

/// One call, whose errors point at the field's type.
fn call_writer(names: &Names<'_>, field: &Field, method: &str, name: &str) -> TokenStream {
    let span = located_at(field.ty.span());
    let private = moved(&names.private, span);
    let method = format_ident!("{method}", span = span);
    let member = member_at_type(field);
    quote_spanned! { span =>
        #private::FieldWriter::#method(__out, #name, &self.#member)
    }
}

/// Writes an `Option` whose default may be `Some`. `None` is written as `null`, or it would be read
/// back as the default.
fn write_null_or_some(names: &Names<'_>, field: &Field, name: &str) -> TokenStream {
    let Names { private, core, .. } = names;
    let member = member_at_type(field);
    quote_spanned! { located_at(field.ty.span()) =>
        match &self.#member {
            #core::option::Option::None => #private::FieldWriter::value(__out, #name, &()),
            #core::option::Option::Some(__value) => {
                #private::FieldWriter::some(__out, #name, __value)
            }
        }
    }
}

/// Writes the field with a module's `serialize`.
fn write_with(names: &Names<'_>, field: &Field, with: &Path, name: &str) -> TokenStream {
    let Names { private, core, .. } = names;
    let Field { ident, ty, .. } = field;
    quote! {
        {
            struct __With<'__a>(&'__a #ty);

            #[automatically_derived]
            impl #private::serde::Serialize for __With<'_> {
                fn serialize<__S: #private::serde::Serializer>(
                    &self,
                    __serializer: __S,
                ) -> #core::result::Result<__S::Ok, __S::Error> {
                    #with::serialize(self.0, __serializer)
                }
            }

            #private::FieldWriter::value(__out, #name, &__With(&self.#ident))
        }
    }
}

/// A member's name as written in a JSON object, with the colon.
pub(super) fn json_key(name: &str) -> String {
    let escaped: String = name.chars().map(escaped).collect();
    format!("\"{escaped}\":")
}

/// RFC 8259 §7: the quotation mark, the backslash and all below U+0020 must be escaped.
fn escaped(character: char) -> String {
    match character {
        '"' | '\\' => format!("\\{character}"),
        '\0'..='\u{1f}' => format!("\\u{:04x}", u32::from(character)),
        _ => character.to_string(),
    }
}
