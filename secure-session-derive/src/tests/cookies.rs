//! Cookie names, prefixes and attributes.

use quote::quote;

use super::{assert_mistakes, mistake, mistakes, sound};
use crate::model::SameSite;

fn cookie_of(item: proc_macro2::TokenStream) -> String {
    sound(item).policy.cookie.as_str().to_owned()
}

#[test]
fn the_default_name_is_the_structs_in_snake_case() {
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
fn a_struct_name_that_makes_no_cookie_name_asks_for_one() {
    let message = mistake(quote! { struct Größe {} });
    assert!(message.contains("holds `ö`"), "{message}");
    assert!(message.contains("#[session(cookie = "), "{message}");
    assert_eq!(
        cookie_of(quote! { #[session(cookie = "size")] struct Größe {} }),
        "size"
    );
}

#[test]
fn a_name_is_a_token() {
    for (name, what) in [
        (
            "",
            "the cookie name is empty; write a name, such as `cookie = \"auth\"`",
        ),
        ("a b", "a space"),
        ("a;b", "`;`"),
        ("a=b", "`=`"),
        ("a\nb", "a control character"),
        ("ü", "`ü`"),
        ("a/b", "`/`"),
        ("\"a\"", "`\"`"),
        (
            "__Host-",
            "cookie name `__Host-` is a prefix and nothing else; put a name behind it, such as \
             `cookie = \"__Host-auth\"`",
        ),
        ("__host-http-", "nothing else"),
    ] {
        let message = mistake(quote! { #[session(cookie = #name)] struct Auth {} });
        assert!(message.contains(what), "{name:?}: {message}");
    }
    assert_eq!(
        cookie_of(quote! { #[session(cookie = "!#$%&'*+-.^_`|~9z")] struct A {} }),
        "!#$%&'*+-.^_`|~9z"
    );
}

#[test]
fn each_prefix_keeps_its_promise_in_any_case() {
    let host = "`__Host-` names need `secure`, `path = \"/\"` and no `domain`";
    let host_http =
        "`__Host-Http-` names need `secure`, `http_only`, `path = \"/\"` and no `domain`";
    for (attributes, needs, breaks) in [
        (
            quote!(cookie = "__Host-a", domain = "example.com"),
            host,
            "domain",
        ),
        (quote!(cookie = "__Host-a", path = "/x"), host, "path"),
        (
            quote!(cookie = "__host-a", secure = false),
            host,
            "secure = false",
        ),
        (
            quote!(cookie = "__SECURE-a", secure = false),
            "`__Secure-` names need `secure`",
            "secure = false",
        ),
        (
            quote!(cookie = "__Http-a", http_only = false),
            "`__Http-` names need `secure` and `http_only`",
            "http_only = false",
        ),
        (
            quote!(cookie = "__Host-Http-a", http_only = false),
            host_http,
            "http_only = false",
        ),
        (
            quote!(cookie = "__Host-http-a", path = "/x"),
            host_http,
            "path",
        ),
    ] {
        let message = mistake(quote! { #[session(#attributes)] struct Auth {} });
        let expected = format!(
            "{needs} (RFC 6265bis §4.1.3); remove `{breaks}`, or take the prefix off the name"
        );
        assert_eq!(message, expected);
    }
    for sound in [
        quote!(cookie = "__Host-a", http_only = false),
        quote!(
            cookie = "__Secure-a",
            domain = "example.com",
            path = "/x",
            http_only = false
        ),
        quote!(cookie = "__Http-a", domain = "example.com", path = "/x"),
        quote!(
            cookie = "a",
            secure = false,
            domain = "example.com",
            path = "/x"
        ),
        quote!(cookie = "x__Host-a", path = "/x"),
    ] {
        assert_eq!(
            mistakes(quote! { #[session(#sound)] struct Auth {} }),
            [""; 0]
        );
    }
}

#[test]
fn the_default_name_does_not_fit_a_domain_a_path_or_plain_http() {
    for (attribute, suggestion) in [
        (
            quote!(domain = "example.com"),
            "cookie = \"__Secure-cart_items\"",
        ),
        (quote!(path = "/shop"), "cookie = \"__Secure-cart_items\""),
        (quote!(secure = false), "cookie = \"cart_items\""),
    ] {
        let message = mistake(quote! { #[session(#attribute)] struct CartItems {} });
        assert!(message.contains(suggestion), "{message}");
    }
}

#[test]
fn what_browsers_drop_without_secure_is_refused() {
    assert_mistakes([
        (
            quote! { #[session(cookie = "a", same_site = "none", secure = false)] struct A {} },
            "`same_site = \"none\"` needs `secure`, browsers drop the cookie otherwise (RFC \
             6265bis §5.7); remove `secure = false`",
        ),
        (
            quote! { #[session(cookie = "a", partitioned, secure = false)] struct A {} },
            "`partitioned` needs `secure`, browsers drop the cookie otherwise (CHIPS); remove \
             `secure = false`",
        ),
    ]);
}

#[test]
fn same_site_is_read_in_any_case() {
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
fn a_path_begins_with_a_slash_and_holds_what_an_address_holds() {
    for (path, what) in [
        ("", "does not begin with `/`"),
        (
            "shop",
            "path `shop` does not begin with `/`, and a browser would use another one in its \
             place; write `path = \"/shop\"`",
        ),
        (
            "/a;b",
            "path `/a;b` holds `;`, which a cookie cannot carry (RFC 6265 §4.1.1); percent-encode \
             it as in the address",
        ),
        ("/a b", "a space"),
        ("/a\u{7f}", "a control character"),
        ("/ü", "`ü`"),
    ] {
        let message = mistake(quote! { #[session(cookie = "a", path = #path)] struct Auth {} });
        assert!(message.contains(what), "{path:?}: {message}");
    }
    let long = format!("/{}", "x".repeat(1024));
    let message = mistake(quote! { #[session(cookie = "a", path = #long)] struct Auth {} });
    assert!(message.contains("1025 bytes"), "{message}");
}

#[test]
fn a_domain_is_a_host_name() {
    let long = "a.".repeat(127) + "com";
    for (domain, what) in [
        ("", "empty"),
        (
            ".example.com",
            "domain `.example.com` begins with a dot, which browsers ignore (RFC 6265 §5.2.3); \
             subdomains are included anyway, write `domain = \"example.com\"`",
        ),
        (
            "https://example.com",
            "domain `https://example.com` holds `:`; write the host name alone, such as \
             `example.com`",
        ),
        ("example.com;", "`;`"),
        (
            "exämple.com",
            "domain `exämple.com` holds `ä`; write it in its ASCII form, which begins with `xn--`",
        ),
        (
            "a..b",
            "domain `a..b` is not a host name (RFC 1035 §2.3.1); write one, such as `example.com`",
        ),
        ("example.com.", "not a host name"),
        ("-a.com", "not a host name"),
        (long.as_str(), "not a host name"),
    ] {
        let message = mistake(quote! { #[session(cookie = "a", domain = #domain)] struct Auth {} });
        assert!(message.contains(what), "{domain:?}: {message}");
    }
    for domain in ["example.com", "localhost", "a-b.example.com", "192.0.2.1"] {
        let all = mistakes(quote! { #[session(cookie = "a", domain = #domain)] struct Auth {} });
        assert_eq!(all, [""; 0]);
    }
}
