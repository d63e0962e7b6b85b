//! The accessors of a type follow from its name.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::quote;

use super::{mistake, mistakes, sound};
use crate::model::{Kind, Shape};

fn shape_of(ty: TokenStream) -> String {
    let shape = &sound(quote! { struct Auth { field: #ty } }).fields[0].shape;
    let (option, kind) = match shape {
        Shape::Value(kind) => ("", kind),
        Shape::Option { kind, .. } => ("option of ", kind),
    };
    let kind = match kind {
        Kind::Copy => "copy".to_owned(),
        Kind::Other => "other".to_owned(),
        Kind::String => "string".to_owned(),
        Kind::Vec { item } => format!("vec of {}", quote!(#item)),
    };
    format!("{option}{kind}")
}

#[test]
fn primitives_arrays_and_tuples_of_them_are_copy() {
    let copy = [
        quote!(bool),
        quote!(char),
        quote!(u128),
        quote!(isize),
        quote!(f32),
        quote!(()),
        quote!((u8, char)),
        quote!([u8; 4]),
        quote!([(u8, [bool; LEN]); 2]),
        quote!((u8)),
        quote!(core::primitive::u8),
        quote!(::std::primitive::str_len::u8),
    ];
    for ty in &copy[..11] {
        assert_eq!(shape_of(ty.clone()), "copy", "{ty}");
    }
    for ty in [
        quote!((u8, String)),
        quote!([String; 2]),
        quote!(my::u8),
        quote!(Theme),
        copy[11].clone(),
    ] {
        assert_eq!(shape_of(ty.clone()), "other", "{ty}");
    }
}

#[test]
fn std_types_are_recognized_by_name_or_std_path() {
    for ty in [
        quote!(String),
        quote!(std::string::String),
        quote!(::alloc::string::String),
        quote!((String)),
    ] {
        assert_eq!(shape_of(ty.clone()), "string", "{ty}");
    }
    for ty in [
        quote!(Vec<u8>),
        quote!(std::vec::Vec<u8>),
        quote!(::alloc::vec::Vec<u8>),
    ] {
        assert_eq!(shape_of(ty.clone()), "vec of u8", "{ty}");
    }
    for ty in [
        quote!(Option<u8>),
        quote!(std::option::Option<u8>),
        quote!(::core::option::Option<u8>),
    ] {
        assert_eq!(shape_of(ty.clone()), "option of copy", "{ty}");
    }
    for ty in [
        quote!(self::String),
        quote!(crate::Vec<u8>),
        quote!(std::vec::Option<u8>),
        quote!(Vec<u8, Alloc>),
    ] {
        assert_eq!(shape_of(ty.clone()), "other", "{ty}");
    }
}

#[test]
fn option_has_the_shape_of_its_value() {
    assert_eq!(shape_of(quote!(Option<String>)), "option of string");
    assert_eq!(
        shape_of(quote!(Option<Vec<String>>)),
        "option of vec of String"
    );
    assert_eq!(shape_of(quote!(Option<[u8; 2]>)), "option of copy");
    assert_eq!(shape_of(quote!(Option<Theme>)), "option of other");
    assert_eq!(shape_of(quote!(Vec<Option<u8>>)), "vec of Option < u8 >");
}

#[test]
fn invisible_groups_of_macro_rules_are_ignored() {
    let grouped = |tokens| {
        TokenStream::from(TokenTree::Group(Group::new(
            proc_macro2::Delimiter::None,
            tokens,
        )))
    };
    assert_eq!(shape_of(grouped(quote!(String))), "string");
    let inner = grouped(quote!(u8));
    assert_eq!(shape_of(quote!(Option<#inner>)), "option of copy");
}

#[test]
fn copy_is_rejected_on_strings_and_vectors() {
    let input =
        sound(quote! { struct A { #[session(copy)] a: Theme, #[session(copy)] b: Option<Theme> } });
    assert!(matches!(input.fields[0].shape, Shape::Value(Kind::Copy)));
    assert!(matches!(
        input.fields[1].shape,
        Shape::Option {
            kind: Kind::Copy,
            ..
        }
    ));
    for (ty, what, getter) in [
        (quote!(String), "String", "`&str`"),
        (quote!(Vec<u8>), "Vec", "a slice"),
        (quote!(Option<String>), "String", "`Option<&str>`"),
        (quote!(Option<Vec<u8>>), "Vec", "an `Option` of a slice"),
    ] {
        let message = mistake(quote! { struct A { #[session(copy)] a: #ty } });
        let expected =
            format!("a `{what}` is not `Copy`; remove `copy`, the getter returns {getter}");
        assert_eq!(message, expected);
    }
}

#[test]
fn self_in_a_field_type_becomes_the_struct_name() {
    let ty = &sound(quote! { struct Node { next: Option<Box<Self>> } }).fields[0].ty;
    assert_eq!(quote!(#ty).to_string(), "Option < Box < Node > >");
}

#[test]
fn references_are_rejected_at_any_depth() {
    for ty in [
        quote!(&'static str),
        quote!(Option<&'static str>),
        quote!((u8, [&'static u8; 2])),
    ] {
        let message = mistake(quote! { struct A { name: #ty } });
        assert!(
            message.starts_with("field `name` must not borrow"),
            "{message}"
        );
    }
    assert_eq!(
        mistakes(quote! { struct A { name: Cow<'static, str> } }),
        [""; 0]
    );
}

#[test]
fn nested_options_are_rejected() {
    let message = mistake(quote! { struct A { name: std::option::Option<Option<u8>> } });
    assert!(
        message.ends_with("write `Option<u8>`, or an enum for three states"),
        "{message}"
    );
}
