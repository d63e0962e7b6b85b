//! The fastify format: its defaults, and what it has no room for.

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
fn native_is_the_default_and_can_be_written() {
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
fn an_unknown_format_lists_the_known_ones() {
    for format in ["", "Fastify", "express"] {
        let message = mistake(quote! { #[session(format = #format)] struct Auth {} });
        assert_eq!(
            message,
            format!("unknown `format = \"{format}\"`; expected one of `\"fastify\"`, `\"native\"`")
        );
    }
}

#[test]
fn rules_that_rest_on_the_format_stay_silent_when_it_is_unknown() {
    mistake(quote! {
        #[session(format = "express", persistent, path = "/x", purpose = "p", refresh = "2h")]
        struct Auth { constructor: u8 }
    });
}

#[test]
fn the_defaults_are_those_of_the_peer() {
    let policy = policy_of(quote!());
    assert_eq!(policy.format.format, Format::Fastify);
    assert_eq!(policy.cookie.as_str(), "session");
    assert_eq!(policy.idle.map(|idle| idle.seconds()), Some(86401));
    assert!(policy.absolute.is_none());
    assert!(policy.purpose.is_empty());
    assert!(policy.secure && policy.http_only && policy.path.as_str() == "/");
}

#[test]
fn the_default_name_promises_nothing_and_needs_no_name_of_the_struct() {
    let policy = policy_of(quote!(secure = false, path = "/x", domain = "example.com"));
    assert_eq!(policy.cookie.as_str(), "session");
    let item = quote! { #[session(format = "fastify")] struct Größe {} };
    assert_eq!(sound(item).policy.cookie.as_str(), "session");
}

#[test]
fn a_prefix_in_the_name_is_held_to_its_promise() {
    let message = mistake_in(quote!(cookie = "__Host-session", path = "/x"));
    assert!(message.contains("remove `path`"), "{message}");
}

#[test]
fn there_is_one_clock_and_no_purpose() {
    for (attributes, message) in [
        (
            quote!(absolute = "12h"),
            "`absolute` does not exist in the fastify format, whose cookies carry one time, that \
             of the last write; remove it, the limit there is `idle`",
        ),
        // The clock is what is wrong, and `refresh` is not to go because of it.
        (
            quote!(idle = "none", refresh = "1m"),
            "`idle` must not be none in the fastify format, where it is the only end of a session; \
             use at most 400 days",
        ),
        (
            quote!(purpose = "checkout"),
            "`purpose` does not exist in the fastify format, which encrypts with the key as it \
             is; remove it, and give the session keys of its own",
        ),
    ] {
        assert_eq!(mistake_in(attributes), message);
    }
}

#[test]
fn a_long_idle_time_and_a_persistent_cookie_need_no_more_words() {
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
fn refresh_is_below_idle_here_too() {
    let default = mistake_in(quote!(refresh = "86401s"));
    assert!(
        default.contains("shorter than `idle` (86401s, the default)"),
        "{default}"
    );
    let given = mistake_in(quote!(idle = "1h", refresh = "2h"));
    assert!(given.contains("shorter than `idle` (1h)"), "{given}");
}

#[test]
fn names_that_mean_something_else_there_are_no_names_of_members() {
    for name in ["__ts", "__proto__", "constructor", "prototype"] {
        let ident = format_ident!("{name}");
        for members in [
            // With accessors of another name, for `__` begins those of generated code.
            quote! { struct Auth { #[session(accessor = "a")] #ident: u8 } },
            quote! { struct Auth { #[session(rename = #name)] a: u8 } },
            quote! { struct Auth { #[session(alias = #name)] a: u8 } },
            quote! { #[session(forget = #name)] struct Auth {} },
        ] {
            let message = mistake(quote! { #[session(format = "fastify")] #members });
            let expected = format!("the member name `{name}` is taken in the fastify format");
            assert!(message.starts_with(&expected), "{message}");
            assert_eq!(mistakes(members), [""; 0]);
        }
    }
}

#[test]
fn a_field_of_such_a_name_may_be_stored_under_another_or_not_at_all() {
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
fn the_format_is_a_type_of_the_library_in_stubs_too() {
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
