//! Sessions that can be revoked.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Item};

use super::{assert_mistakes, mistake, mistakes, sound};
use crate::model::Duration;

fn expansion_of(item: TokenStream) -> TokenStream {
    let item: DeriveInput = syn::parse2(item).expect("a struct");
    crate::expand::derive(&item)
}

/// The variants of the enum `name` in an expansion.
fn variants_of(name: &str, expansion: TokenStream) -> Vec<String> {
    let file: syn::File = syn::parse2(expansion).expect("items");
    let mut enums = file.items.into_iter().filter_map(|item| match item {
        Item::Enum(item) if item.ident == name => Some(item),
        _ => None,
    });
    let variants = enums.next().expect("the enum").variants.into_iter();
    let printed = variants.map(|variant| {
        let (ident, fields) = (variant.ident, variant.fields);
        quote!(#ident #fields).to_string()
    });
    printed.collect()
}

#[test]
fn identity_and_revoke_by_fields_group_revocable_sessions() {
    let fields = quote! {
        #[session(identity)]
        user_id: Option<u64>,
        #[session(revoke_by, keep)]
        tenant: Option<String>,
        name: Option<String>,
    };
    let input = sound(quote! { #[session(revocable, remember = "30d")] struct Auth { #fields } });
    assert!(input.revocable);
    let remember = input.policy.remember.as_ref().map(Duration::seconds);
    assert_eq!(remember, Some(30 * 86400));
    assert_eq!(input.types.selector, "AuthSelector");
    let groups = input.fields.iter().map(|field| field.revoke_by);
    assert_eq!(groups.collect::<Vec<_>>(), [true, true, false]);

    let input = sound(quote! { struct Auth { #[session(identity)] user_id: Option<u64> } });
    assert!(!input.revocable && !input.fields[0].revoke_by);
    assert!(input.policy.remember.is_none());
}

#[test]
fn revocable_needs_an_identity_field_and_the_native_format() {
    assert_mistakes([
        (
            quote! { #[session(revocable)] struct A { user_id: Option<u64> } },
            "a `revocable` session needs a field that says who is signed in; write \
             `#[session(identity)]` on an `Option` field, such as `user_id: Option<u64>`",
        ),
        (
            quote! {
                #[session(revocable, format = "fastify")]
                struct A { #[session(identity)] user_id: Option<u64> }
            },
            "only sessions of the native format can be revoked; remove `revocable` or \
             `format = \"fastify\"`",
        ),
    ]);
}

#[test]
fn attributes_of_revocable_sessions_have_no_effect_on_others() {
    for (item, expected) in [
        (
            quote! { #[session(remember = "30d")] struct A {} },
            "`remember` has no effect without `revocable`; add `revocable` or remove it (the \
             longest `remember_for` of other sessions is 400 days)",
        ),
        (
            quote! { #[session(revocable = false, selector = "B")] struct A {} },
            "`selector` has no effect without `revocable`; add `revocable` or remove it",
        ),
        (
            quote! { struct A { #[session(revoke_by)] tenant: String } },
            "`revoke_by` has no effect without `revocable`; add `revocable` above the struct or \
             remove it",
        ),
    ] {
        assert_eq!(mistake(item), expected);
    }
    // Whether the struct is revocable is unknown.
    let message = mistake(quote! {
        #[session(revocable = 1, remember = "30d", selector = "B")]
        struct A { #[session(revoke_by)] tenant: String }
    });
    assert!(message.starts_with("`revocable` is a flag"), "{message}");
}

#[test]
fn remember_is_a_duration_and_not_none() {
    let mistake_in = |remember: &str| {
        mistake(quote! {
            #[session(revocable, remember = #remember)]
            struct A { #[session(identity)] user_id: Option<u64> }
        })
    };
    assert_eq!(
        mistake_in("none"),
        "`remember` must not be `\"none\"`; remove it, or write a duration, such as \
         `remember = \"30d\"`"
    );
    let message = mistake_in("a month");
    assert!(message.ends_with("such as `\"30d\"`"), "{message}");
    let message = mistake_in("401d");
    assert!(message.starts_with("`remember` (401d)"), "{message}");
}

#[test]
fn group_must_be_a_stored_option_with_stable_text() {
    for (field, message) in [
        (
            quote! { #[session(revoke_by)] tenant: String },
            "a `revoke_by` field must be an `Option`, which is `None` if the session is in no \
             group; write `Option<String>`",
        ),
        (
            quote! { #[session(revoke_by, skip)] tenant: Option<String> },
            "a `revoke_by` field must not be a `skip` field, which is never stored; remove one",
        ),
        (
            quote! { #[session(revoke_by, rest)] others: Map<String, Value> },
            "a `revoke_by` field must not be the `rest` field; put it on a field whose value names \
             the group",
        ),
        (
            quote! { #[session(revoke_by, with = text)] tenant: Option<u64> },
            "a `revoke_by` field must not have `with`, because revocation compares the stored \
             text, which must not change; remove `with`, or choose a type that is stored as an \
             integer, a `bool` or a string",
        ),
        (
            quote! { #[session(revoke_by, default = Some(1))] tenant: Option<u64> },
            "a `revoke_by` field must not have a `default`: a new session is in no group; remove \
             `default`",
        ),
    ] {
        let item = quote! {
            #[session(revocable)]
            struct A { #[session(identity)] user_id: Option<u64>, #field }
        };
        assert_eq!(mistake(item), message);
    }
}

#[test]
fn identity_of_a_revocable_session_must_have_stable_text() {
    for (attributes, message) in [
        (
            quote!(revoke_by),
            "`identity` implies `revoke_by`; remove `revoke_by`",
        ),
        (
            quote!(with = text),
            "the `identity` field of a `revocable` session must not have `with`, because \
             revocation compares the stored text, which must not change; remove `with`, or choose \
             a type that is stored as an integer, a `bool` or a string",
        ),
        (
            quote!(default = Some(1)),
            "the `identity` field of a `revocable` session must not have a `default`: nobody is \
             signed in to a new session; remove `default`",
        ),
    ] {
        let field = quote! { #[session(identity, #attributes)] user_id: Option<u64> };
        let item = quote! { #[session(revocable)] struct A { #field } };
        assert_eq!(mistake(item), message);
    }
    let others = quote! {
        struct A { #[session(identity, with = text, default = Some(1))] user_id: Option<u64> }
    };
    assert_eq!(mistakes(others), [""; 0]);
}

#[test]
fn selector_needs_its_own_name() {
    let field = quote! { #[session(identity)] user_id: Option<u64> };
    assert_mistakes([
        (
            quote! { #[session(revocable, selector = "Auth")] struct Auth { #field } },
            "`Auth` is the name of the struct itself; choose another name",
        ),
        (
            quote! { #[session(revocable, selector = "AuthField")] struct Auth { #field } },
            "`AuthField` is the name of another generated type; choose another name",
        ),
        (
            quote! { #[session(revocable, accessors = "AuthSelector")] struct Auth { #field } },
            "`AuthSelector` is the name of another generated type; choose another name",
        ),
        (
            quote! { #[session(revocable, selector = 1)] struct Auth { #field } },
            "`selector` needs the name of a type, such as `selector = \"AuthSessions\"`",
        ),
    ]);
    sound(quote! { #[session(accessors = "AuthSelector")] struct Auth { #field } });
}

#[test]
fn selector_has_a_variant_for_each_group_also_in_stubs() {
    let fields = quote! {
        #[session(identity)]
        user_id: Option<u64>,
        name: Option<String>,
        #[session(revoke_by, rename = "t", accessor = organisation)]
        tenant: Option<String>,
    };
    for attributes in [
        quote!(revocable),
        quote!(revocable, idle = "soon"),
        quote!(revocable = 1),
    ] {
        let expansion = expansion_of(quote! { #[session(#attributes)] struct Auth { #fields } });
        let text = expansion.to_string();
        for implemented in [
            ":: SessionSelector for AuthSelector",
            ":: RevocableSession for Auth ",
        ] {
            assert_eq!(text.matches(implemented).count(), 1, "{text}");
        }
        assert_eq!(
            variants_of("AuthSelector", expansion),
            ["UserId (u64)", "Organisation (String)"]
        );
    }
    // The variant that the struct has once its mistake is fixed.
    let stubs = expansion_of(quote! {
        #[session(revocable, selector = AuthSessions)]
        struct Auth { #[session(identity)] user_id: u64 }
    });
    assert_eq!(variants_of("AuthSessions", stubs), ["UserId (u64)"]);
}

#[test]
fn selector_writes_the_stored_name_and_position_of_its_field() {
    let expansion = expansion_of(quote! {
        #[session(revocable)]
        struct Auth {
            name: String,
            #[session(identity, rename = "uid")]
            user_id: Option<u64>,
        }
    });
    let text = expansion.to_string();
    for expected in [
        "Self :: UserId (_) => 1usize ,",
        "FieldWriter :: some (__out , \"\\\"uid\\\":\" , __value) ,",
        "Self :: UserId (_) => \"UserId(..)\" ,",
        "__Group < u64 >",
    ] {
        assert_eq!(text.matches(expected).count(), 1, "{expected}: {text}");
    }
}

#[test]
fn struct_that_is_not_revocable_has_no_selector() {
    let text = expansion_of(quote! { struct Auth { #[session(identity)] user_id: Option<u64> } });
    assert!(!text.to_string().contains("Selector"), "{text}");
}
