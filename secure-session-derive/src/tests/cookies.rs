//! Cookie names, prefixes and attributes.

use quote::quote;

use super::{assert_mistakes, mistake, mistakes, sound};
use crate::model::{CrossOrigin, SameSite};

fn cookie_of(item: proc_macro2::TokenStream) -> String {
    sound(item).policy.cookie.as_str().to_owned()
}

#[test]
fn default_cookie_name_is_the_struct_name_in_snake_case() {
    assert_eq!(cookie_of(quote! { struct Auth {} }), "__Host-auth");
    assert_eq!(
        cookie_of(quote! { struct CartItems {} }),
        "__Host-cart_items"
    );
    assert_eq!(
        cookie_of(quote! { struct HTTPSession2 {} }),
        "__Host-http_session2"
    );
    assert_eq!(cookie_of(quote! { struct r#Match {} }), "__Host-match");
}

#[test]
fn struct_name_that_is_not_a_cookie_name_asks_for_one() {
    let message = mistake(quote! { struct Größe {} });
    assert!(message.contains("must not contain U+00F6"), "{message}");
    assert!(message.contains("#[session(cookie = "), "{message}");
    assert_eq!(
        cookie_of(quote! { #[session(cookie = "size")] struct Größe {} }),
        "size"
    );
}

#[test]
fn cookie_prefixes_are_enforced_in_any_case() {
    for (attributes, demand) in [
        (
            quote!(cookie = "__Host-a", domain = "example.com"),
            "`__Host-` cookies must not set `domain`",
        ),
        (
            quote!(cookie = "__Host-a", path = "/x"),
            "`__Host-` cookies must have the path `/`",
        ),
        (
            quote!(cookie = "__SECURE-a", secure = false),
            "`__Secure-` cookies must be `secure`",
        ),
        (
            quote!(cookie = "__Host-http-a", http_only = false),
            "`__Host-Http-` cookies must be `http_only`",
        ),
    ] {
        let message = mistake(quote! { #[session(#attributes)] struct Auth {} });
        assert!(message.starts_with(demand), "{message}");
    }
    for sound in [
        quote!(cookie = "__Host-a", http_only = false),
        quote!(
            cookie = "__Secure-a",
            domain = "example.com",
            path = "/x",
            http_only = false
        ),
        quote!(cookie = "a", secure = false, path = "/x"),
    ] {
        assert_eq!(
            mistakes(quote! { #[session(#sound)] struct Auth {} }),
            [""; 0]
        );
    }
}

#[test]
fn default_cookie_name_rejects_domain_path_and_plain_http() {
    assert_mistakes([
        (
            quote! { #[session(domain = "example.com")] struct CartItems {} },
            "the default cookie name is `__Host-cart_items`: `__Host-` cookies must not set \
             `domain` (RFC 6265bis §4.1.3); remove `domain` or choose a name without the prefix, \
             such as `cookie = \"__Secure-cart_items\"`",
        ),
        (
            quote! { #[session(path = "/shop")] struct CartItems {} },
            "the default cookie name is `__Host-cart_items`: `__Host-` cookies must have the path \
             `/` (RFC 6265bis §4.1.3); remove `path` or choose a name without the prefix, such as \
             `cookie = \"__Secure-cart_items\"`",
        ),
        (
            quote! { #[session(secure = false)] struct CartItems {} },
            "the default cookie name is `__Host-cart_items`: `__Host-` cookies must be `secure` \
             (RFC 6265bis §4.1.3); do not set `secure` to `false`, or choose a name without the \
             prefix, such as `cookie = \"cart_items\"`",
        ),
    ]);
}

#[test]
fn attributes_that_need_secure_are_rejected_without_it() {
    for (attribute, begin) in [
        (quote!(same_site = "none"), "`SameSite=None` cookies must"),
        (quote!(partitioned), "`partitioned` cookies must"),
    ] {
        let item = quote! { #[session(cookie = "a", #attribute, secure = false)] struct A {} };
        let message = mistake(item);
        assert!(message.starts_with(begin), "{message}");
    }
}

#[test]
fn same_site_ignores_case() {
    for (text, value) in [
        ("Lax", SameSite::Lax),
        ("strict", SameSite::Strict),
        ("NONE", SameSite::None),
    ] {
        let input = sound(quote! { #[session(same_site = #text)] struct Auth {} });
        assert_eq!(input.policy.same_site, value);
    }
    assert_mistakes([(
        quote! { #[session(same_site = "loose")] struct Auth {} },
        "unknown `same_site = \"loose\"`; expected one of `\"strict\"`, `\"lax\"`, `\"none\"`",
    )]);
}

#[test]
fn cross_origin_has_four_values_and_refuses_by_default() {
    for (text, value) in [
        ("refuse", CrossOrigin::Refuse),
        ("same-site", CrossOrigin::SameSite),
        ("allow", CrossOrigin::Allow),
        ("strict", CrossOrigin::Strict),
    ] {
        let input = sound(quote! { #[session(cross_origin = #text)] struct Auth {} });
        assert_eq!(input.policy.cross_origin, value);
    }
    for format in ["native", "fastify"] {
        let input = sound(quote! { #[session(format = #format)] struct Auth {} });
        assert_eq!(input.policy.cross_origin, CrossOrigin::Refuse);
    }
    assert_mistakes([(
        quote! { #[session(cross_origin = "same-origin\u{1b}")] struct Auth {} },
        "unknown `cross_origin = \"same-origin\\u{1b}\"`; expected one of `\"refuse\"`, \
         `\"same-site\"`, `\"allow\"`, `\"strict\"`",
    )]);
}

/// The other cases are in the library's tests of the rules.
#[test]
fn names_paths_and_domains_are_checked() {
    let long = "a".repeat(1025);
    for (attribute, begin) in [
        (quote!(cookie = "a b"), "cookie name `a b` must not"),
        (
            quote!(cookie = #long),
            "the cookie name has 1025 bytes and must not",
        ),
        (quote!(path = "shop"), "path `shop` must begin with `/`"),
        (
            quote!(domain = "a\u{1b}"),
            "domain `a\\u{1b}` must not contain U+001B",
        ),
    ] {
        let message = mistake(quote! { #[session(#attribute)] struct Auth {} });
        assert!(message.starts_with(begin), "{message}");
    }
}
