//! Names of accessors, variants and JSON members, and how they can clash.

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
fn struct_and_generated_types_need_different_names() {
    assert_mistakes([
        (
            quote! { #[session(fields = Auth)] struct Auth {} },
            "`Auth` is the name of the struct itself; choose another name",
        ),
        (
            quote! { #[session(accessors = "AuthField")] struct Auth {} },
            "`AuthField` is the name of another generated type; choose another name",
        ),
        (
            quote! {
                #[session(public = AuthField)]
                struct Auth { #[session(public)] name: String }
            },
            "`AuthField` is the name of another generated type; choose another name",
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
fn accessor_attribute_renames_every_method() {
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
fn variants_are_camel_case_and_valid_identifiers() {
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
fn hidden_or_reserved_accessor_asks_for_another_name() {
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
             trait; choose another name with `#[session(accessor = \"into_value\")]`",
        ),
        (
            quote! { struct A { ended: bool } },
            "the accessor `ended` of field `ended` is hidden by `Session::ended`; choose another \
             name with `#[session(accessor = \"ended_value\")]`",
        ),
        (
            quote! { struct A { csrf: u8 } },
            "the accessor `csrf` of field `csrf` has a name that is reserved for a future method \
             of `Session`; choose another name with `#[session(accessor = \"csrf_value\")]`",
        ),
        (
            quote! { struct A { __new: u8 } },
            "accessor names must not begin with `__`, which is reserved for generated code; choose \
             another name with `#[session(accessor = \"new_value\")]`",
        ),
    ]);
}

#[test]
fn clashing_accessors_are_rejected() {
    let all = mistakes(quote! { struct A { x: u8, set_x: u8, #[session(accessor = x)] y: u8 } });
    assert!(all[0].starts_with("fields `x` and `set_x`"), "{all:#?}");
    assert!(all[1].starts_with("fields `x` and `y`"), "{all:#?}");
}

#[test]
fn fields_with_the_same_accessor_are_reported_once() {
    let all =
        mistakes(quote! { struct A { x: Option<u8>, #[session(accessor = x)] y: Option<u8> } });
    assert_eq!(all.len(), 1, "{all:#?}");
}

#[test]
fn clashing_stored_names_are_rejected() {
    assert_mistakes([
        (
            quote! { struct A { kind: u8, #[session(rename = "kind")] r#type: u8 } },
            "fields `kind` and `type` are both stored as `kind`; set another `rename` on one of \
             them",
        ),
        (
            quote! { struct A { r#type: u8, #[session(rename = "type")] kind: u8 } },
            "fields `type` and `kind` are both stored as `type`; set another `rename` on one of \
             them",
        ),
        (
            quote! { struct A { kind: u8, #[session(alias = "kind")] r#type: u8 } },
            "alias `kind` is already the stored name of field `kind`; remove it",
        ),
        (
            quote! { struct A { #[session(alias = "kind")] r#type: u8, kind: u8 } },
            "alias `kind` is already the stored name of field `kind`; remove it",
        ),
        (
            quote! { struct A { #[session(alias = "kind")] kind: u8 } },
            "alias `kind` is the field's own name; remove it",
        ),
        (
            quote! { struct A { #[session(alias = "a", alias = "a")] kind: u8 } },
            "alias `a` is already listed; remove it",
        ),
        (
            quote! { struct A { #[session(alias = "a")] kind: u8, #[session(alias = "a")] b: u8 } },
            "alias `a` is already an alias of field `kind`; remove it",
        ),
        (
            quote! { #[session(forget = "kind")] struct A { kind: u8 } },
            "`forget` drops `kind`, which is the stored name of field `kind`; remove one of them",
        ),
        (
            quote! { #[session(forget = "a", forget = "a")] struct A {} },
            "`forget` lists `a` twice; remove one",
        ),
        (
            quote! { #[session(forget = "a")] struct A { #[session(alias = "a")] kind: u8 } },
            "`forget` drops `a`, which is an alias of field `kind`; remove one of them",
        ),
    ]);
}

#[test]
fn stored_name_may_be_the_name_of_another_field() {
    for item in [
        quote! { struct A { #[session(rename = "b")] a: u8, #[session(rename = "a")] b: u8 } },
        quote! { struct A { #[session(rename = "b", alias = "a")] a: u8 } },
        quote! { struct A { #[session(skip)] a: u8, #[session(rename = "a")] b: u8 } },
        quote! { #[session(forget = "a")] struct A { #[session(skip)] a: u8 } },
    ] {
        assert_eq!(mistakes(item), [""; 0]);
    }
}
