//! Names of accessors, variants and JSON members, and what clashes.

use quote::quote;

use super::{assert_mistakes, mistake, mistakes, sound};

fn methods_of(item: proc_macro2::TokenStream) -> Vec<String> {
    sound(item)
        .fields
        .iter()
        .flat_map(|field| {
            field
                .names
                .methods()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        })
        .collect()
}

fn variants_of(item: proc_macro2::TokenStream) -> Vec<String> {
    let fields = sound(item).fields;
    fields
        .iter()
        .map(|field| field.names.variant.to_string())
        .collect()
}

#[test]
fn generated_types_need_three_names() {
    assert_mistakes([
        (
            quote! { #[session(fields = Auth)] struct Auth {} },
            "`Auth` is the name of the struct itself; write another one",
        ),
        (
            quote! { #[session(accessors = "AuthField")] struct Auth {} },
            "`AuthField` is the name of the other generated type; write another one",
        ),
        (
            quote! { #[session(fields = 1)] struct Auth {} },
            "`fields` needs the name of a type, such as `fields = \"AuthFields\"`",
        ),
    ]);
}

#[test]
fn accessors_are_named_after_the_field() {
    assert_eq!(
        methods_of(quote! { struct A { visits: u8 } }),
        ["visits", "set_visits", "update_visits"]
    );
    assert_eq!(
        methods_of(quote! { struct A { user: Option<u8> } }),
        ["user", "set_user", "update_user", "clear_user", "take_user"]
    );
    assert_eq!(
        methods_of(quote! { struct A { r#type: u8 } }),
        ["r#type", "set_type", "update_type"]
    );
}

#[test]
fn accessor_renames_all_of_them_and_takes_a_name_or_a_string() {
    for name in [quote!(who), quote!("who")] {
        let item = quote! { struct A { #[session(accessor = #name)] touch: u8 } };
        assert_eq!(methods_of(item), ["who", "set_who", "update_who"]);
    }
    for name in [
        quote!(type),
        quote!(r#type),
        quote!("type"),
        quote!("r#type"),
    ] {
        let item = quote! { struct A { #[session(accessor = #name)] touch: u8 } };
        assert_eq!(methods_of(item), ["r#type", "set_type", "update_type"]);
    }
    for name in [
        quote!(self),
        quote!("crate"),
        quote!("_"),
        quote!("a b"),
        quote!(5),
        quote!(""),
    ] {
        let message = mistake(quote! { struct A { #[session(accessor = #name)] touch: u8 } });
        assert_eq!(
            message,
            "`accessor` needs a name, such as `accessor = \"signed_in_user\"`"
        );
    }
}

#[test]
fn variants_are_in_camel_case_and_always_identifiers() {
    assert_eq!(
        variants_of(quote! {
            struct A { user_id: u8, userName: u8, r#type: u8, self_: u8, _1: u8, größe: u8 }
        }),
        ["UserId", "UserName", "Type", "Self_", "_1", "Größe"]
    );
    assert_eq!(
        variants_of(quote! { struct A { #[session(accessor = who)] user_id: u8 } }),
        ["Who"]
    );
}

#[test]
fn a_field_that_could_not_be_reached_names_the_way_out() {
    for name in [
        "touch",
        "update",
        "clone",
        "r#try_into",
        "regenerate_keeping",
        "check",
        "csrf",
        "ended",
        "flash",
        "issue_bearer",
        "revoke",
        "verify_csrf",
        "view",
    ] {
        let ident: syn::Ident = syn::parse_str(name).expect("an identifier");
        let message = mistake(quote! { struct A { #ident: u8 } });
        assert!(message.contains("#[session(accessor = \""), "{message}");
    }
    assert_mistakes([
        (
            quote! { struct A { into: u8 } },
            "the accessor `into` of field `into` is hidden by the method `into` of a standard \
             trait; give another name with `#[session(accessor = \"into_value\")]`",
        ),
        (
            quote! { struct A { csrf: u8 } },
            "the accessor `csrf` of field `csrf` has a name that is kept for a method of \
             `Session` to come; give another name with `#[session(accessor = \"csrf_value\")]`",
        ),
        (
            quote! { struct A { __new: u8 } },
            "accessor names that begin with `__` are kept for generated code; give another name \
             with `#[session(accessor = \"new_value\")]`",
        ),
    ]);
}

#[test]
fn accessors_do_not_clash() {
    let all = mistakes(quote! { struct A { x: u8, set_x: u8, #[session(accessor = x)] y: u8 } });
    assert!(all[0].starts_with("fields `x` and `set_x`"), "{all:#?}");
    assert!(all[1].starts_with("fields `x` and `y`"), "{all:#?}");
}

#[test]
fn two_fields_of_one_accessor_are_reported_once() {
    let all =
        mistakes(quote! { struct A { x: Option<u8>, #[session(accessor = x)] y: Option<u8> } });
    assert_eq!(all.len(), 1, "{all:#?}");
}

#[test]
fn stored_names_do_not_clash() {
    assert_mistakes([
        (
            quote! { struct A { kind: u8, #[session(rename = "kind")] r#type: u8 } },
            "fields `kind` and `type` are both stored as `kind`; pick another `rename` for one of \
             them",
        ),
        (
            quote! { struct A { r#type: u8, #[session(rename = "type")] kind: u8 } },
            "fields `type` and `kind` are both stored as `type`; pick another `rename` for one of \
             them",
        ),
        (
            quote! { struct A { kind: u8, #[session(alias = "kind")] r#type: u8 } },
            "alias `kind` is the stored name of field `kind` already; remove it",
        ),
        (
            quote! { struct A { #[session(alias = "kind")] r#type: u8, kind: u8 } },
            "alias `kind` is the stored name of field `kind` already; remove it",
        ),
        (
            quote! { struct A { #[session(alias = "kind")] kind: u8 } },
            "alias `kind` is the field's own name; remove it",
        ),
        (
            quote! { struct A { #[session(alias = "a", alias = "a")] kind: u8 } },
            "alias `a` is listed already; remove it",
        ),
        (
            quote! { struct A { #[session(alias = "a")] kind: u8, #[session(alias = "a")] b: u8 } },
            "alias `a` is an alias of field `kind` already; remove it",
        ),
        (
            quote! { #[session(forget = "kind")] struct A { kind: u8 } },
            "`forget` drops `kind`, which is the stored name of field `kind`; remove one of them",
        ),
        (
            quote! { #[session(forget = "a", forget = "a")] struct A {} },
            "`a` is forgotten twice; remove one",
        ),
        (
            quote! { #[session(forget = "a")] struct A { #[session(alias = "a")] kind: u8 } },
            "`forget` drops `a`, which is an alias of field `kind`; remove one of them",
        ),
    ]);
}

#[test]
fn a_stored_name_may_be_another_fields_name_in_the_struct() {
    for item in [
        quote! { struct A { #[session(rename = "b")] a: u8, #[session(rename = "a")] b: u8 } },
        quote! { struct A { #[session(rename = "b", alias = "a")] a: u8 } },
        quote! { struct A { #[session(skip)] a: u8, #[session(rename = "a")] b: u8 } },
        quote! { #[session(forget = "a")] struct A { #[session(skip)] a: u8 } },
    ] {
        assert_eq!(mistakes(item), [""; 0]);
    }
}
