//! The fastify format: its defaults, and attributes that do not exist in it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::DeriveInput;

use super::{mistake, mistakes, sound};
use crate::model::{Format, Policy};

fn policy_of(attributes: TokenStream) -> Policy {
    sound(quote! { #[session(format = "fastify", #attributes)] struct Auth {} }).policy
}

fn mistake_in(attributes: TokenStream) -> String {
    mistake(quote! { #[session(format = "fastify", #attributes)] struct Auth {} })
}

#[test]
fn native_is_the_default_format_and_can_be_explicit() {
    for item in [
        quote! { struct Auth {} },
        quote! { #[session(format = "native")] struct Auth {} },
    ] {
        let policy = sound(item).policy;
        assert_eq!(policy.format.format, Format::Native);
        assert_eq!(policy.cookie.as_str(), "__Host-auth");
        assert!(policy.absolute.is_some());
    }
}

#[test]
fn unknown_format_lists_the_known_ones() {
    for format in ["", "Fastify", "express"] {
        let message = mistake(quote! { #[session(format = #format)] struct Auth {} });
        assert_eq!(
            message,
            format!("unknown `format = \"{format}\"`; expected one of `\"fastify\"`, `\"native\"`")
        );
    }
}

#[test]
fn rules_that_need_the_format_are_silent_if_it_is_unknown() {
    mistake(quote! {
        #[session(format = "express", persistent, path = "/x", purpose = "p", refresh = "2h")]
        struct Auth { constructor: u8 }
    });
}

#[test]
fn fastify_defaults_are_those_of_the_node_package() {
    let policy = policy_of(quote!());
    assert_eq!(policy.format.format, Format::Fastify);
    assert_eq!(policy.cookie.as_str(), "session");
    assert_eq!(policy.idle.map(|idle| idle.seconds()), Some(86401));
    assert!(policy.absolute.is_none());
    assert!(policy.purpose.is_empty());
    assert!(policy.secure && policy.http_only && policy.path.as_str() == "/");
}

#[test]
fn fastify_default_name_has_no_prefix_and_ignores_the_struct_name() {
    let policy = policy_of(quote!(secure = false, path = "/x", domain = "example.com"));
    assert_eq!(policy.cookie.as_str(), "session");
    let item = quote! { #[session(format = "fastify")] struct Größe {} };
    assert_eq!(sound(item).policy.cookie.as_str(), "session");
}

#[test]
fn cookie_prefix_is_enforced_in_the_fastify_format() {
    let message = mistake_in(quote!(cookie = "__Host-session", path = "/x"));
    assert!(message.contains("remove `path`"), "{message}");
}

#[test]
fn fastify_rejects_absolute_idle_none_and_purpose() {
    for (attributes, message) in [
        (
            quote!(absolute = "12h"),
            "`absolute` does not exist in the fastify format, whose cookies contain only the time \
             of the last write; remove it and use `idle`",
        ),
        // `idle` is wrong; the message must not ask to remove `refresh`.
        (
            quote!(idle = "none", refresh = "1m"),
            "`idle` must not be none in the fastify format, where it is the only limit of a \
             session; use at most 400 days",
        ),
        (
            quote!(purpose = "checkout"),
            "`purpose` does not exist in the fastify format, which encrypts with the key as it \
             is; remove it and give the session its own keys",
        ),
    ] {
        assert_eq!(mistake_in(attributes), message);
    }
}

#[test]
fn fastify_accepts_long_idle_and_persistent() {
    for attributes in [
        quote!(idle = "400d"),
        quote!(persistent),
        quote!(persistent, idle = "60d"),
        quote!(refresh = "1d"),
    ] {
        policy_of(attributes);
    }
}

#[test]
fn fastify_refresh_must_be_shorter_than_idle() {
    let default = mistake_in(quote!(refresh = "86401s"));
    assert!(
        default.contains("shorter than `idle` (86401s, the default)"),
        "{default}"
    );
    let given = mistake_in(quote!(idle = "1h", refresh = "2h"));
    assert!(given.contains("shorter than `idle` (1h)"), "{given}");
}

#[test]
fn reserved_member_names_are_rejected_in_the_fastify_format() {
    for name in ["__ts", "__proto__", "constructor", "prototype"] {
        let ident = format_ident!("{name}");
        for members in [
            // With another accessor name, because `__` is reserved for generated code.
            quote! { struct Auth { #[session(accessor = "a")] #ident: u8 } },
            quote! { struct Auth { #[session(rename = #name)] a: u8 } },
            quote! { struct Auth { #[session(alias = #name)] a: u8 } },
            quote! { #[session(forget = #name)] struct Auth {} },
        ] {
            let message = mistake(quote! { #[session(format = "fastify")] #members });
            let expected = format!("the member name `{name}` is reserved in the fastify format");
            assert!(message.starts_with(&expected), "{message}");
            assert_eq!(mistakes(members), [""; 0]);
        }
    }
}

#[test]
fn field_with_a_reserved_name_can_be_renamed_or_skipped() {
    for field in [
        quote!(#[session(rename = "c")] constructor: u8),
        quote!(#[session(skip)] constructor: u8),
        quote!(r#type: u8),
        quote!(Constructor: u8),
    ] {
        sound(quote! { #[session(format = "fastify")] struct Auth { #field } });
    }
}

#[test]
fn format_is_a_type_of_the_library_also_in_stubs() {
    let (native, fastify) = (":: codec :: Native ;", ":: __private :: FastifyFormat ;");
    for (item, expected) in [
        (quote! { struct A {} }, native),
        (quote! { #[session(cookie = "a b")] struct A {} }, native),
        (
            quote! { #[session(format = "fastify")] struct A {} },
            fastify,
        ),
        (
            quote! { #[session(format = "fastify", absolute = "1h", crate = ::lib)] struct A {} },
            fastify,
        ),
    ] {
        let item: DeriveInput = syn::parse2(item).expect("a struct");
        let text = crate::expand::derive(&item).to_string();
        assert_eq!(text.matches(expected).count(), 1, "{text}");
    }
}
