//! Mistakes in attributes: each is reported, and none hides another.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::{assert_mistakes, mistake, mistakes, sound};
use crate::model::Storage;

#[test]
fn all_mistakes_are_reported_at_once() {
    let all = mistakes(quote! {
        #[session(cokie = "a", idle = "soon", idle = "1h", secure = 1, path)]
        #[session("what", domain = ".example.com")]
        struct Auth<'a> {
            #[session(rename = 5, skip = "no", alias = "")]
            #[serde(default, rename = "x")]
            a: u8,
            #[session(default, with = 7, vis = crate)]
            b: Option<Option<u8>>,
            #[session(cookie = "x")]
            touch: u8,
        }
    });
    assert_eq!(all.len(), 18, "{all:#?}");
}

#[test]
fn unknown_key_lists_the_known_ones() {
    assert_mistakes([
        (
            quote! { #[session(nothing_like_it = "x")] struct A {} },
            "unknown attribute `nothing_like_it`; expected one of `absolute`, `accessors`, \
             `cookie`, `crate`, `cross_origin`, `domain`, `fields`, `forget`, `format`, `http_only`, `idle`, \
             `lenient`, `migrate`, `partitioned`, `path`, `persistent`, `public`, `purpose`, `refresh`, \
             `remember`, `revocable`, `same_site`, `secure`, `selector`, `version`",
        ),
        (
            quote! { struct A { #[session(a::b(c, d))] x: u8 } },
            "unknown attribute `a::b`; expected one of `accessor`, `alias`, `copy`, `default`, \
             `identity`, `keep`, `lenient`, `public`, `rename`, `rest`, `revoke_by`, `skip`, \
             `vis`, `with`",
        ),
    ]);
}

#[test]
fn unknown_key_suggests_the_one_that_was_meant() {
    let suggested = |item: TokenStream| {
        let message = mistake(item);
        let (_, suggestion) = message.split_once("; ").expect("a suggestion");
        let (suggestion, _) = suggestion.split_once(" (").expect("the list of keys");
        suggestion.to_owned()
    };
    let to_the_builder = "keys are not attributes; pass them to the builder, as in \
                          `SessionMiddleware::builder(KeyRing::from_env(\"SESSION_KEYS\")?)`";
    for (written, meant) in [
        ("samesite", "did you mean `same_site`?"),
        ("sameSite", "did you mean `same_site`?"),
        ("httponly", "did you mean `http_only`?"),
        ("HttpOnly", "did you mean `http_only`?"),
        (
            "ttl",
            "did you mean `idle`? It limits the time without activity, `absolute` the total \
             lifetime.",
        ),
        (
            "expiry",
            "did you mean `idle`? It limits the time without activity, `absolute` the total \
             lifetime.",
        ),
        ("abslute", "did you mean `absolute`?"),
        ("cokie", "did you mean `cookie`?"),
        ("cookie_name", "did you mean `cookie`?"),
        ("name", "did you mean `cookie`?"),
        (
            "max_age",
            "did you mean `idle`? It limits the time without activity, `absolute` the total \
             lifetime. With `persistent`, both determine the cookie's `Max-Age`.",
        ),
        ("revokable", "did you mean `revocable`?"),
        ("remember_for", "did you mean `remember`?"),
        ("secret", to_the_builder),
        ("key", to_the_builder),
    ] {
        let key = Ident::new(written, Span::call_site());
        let item = quote! { #[session(#key = "x")] struct A {} };
        assert_eq!(suggested(item), meant, "{written}");
    }
    for (written, meant) in [
        ("name", "did you mean `rename`?"),
        ("flatten", "did you mean `rest`?"),
        ("serialize_with", "did you mean `with`?"),
        ("defualt", "did you mean `default`?"),
        ("visibility", "did you mean `vis`?"),
        ("kep", "did you mean `keep`?"),
        ("revoke", "did you mean `revoke_by`?"),
        ("group_by", "did you mean `revoke_by`?"),
    ] {
        let key = Ident::new(written, Span::call_site());
        let item = quote! { struct A { #[session(#key)] a: u8 } };
        assert_eq!(suggested(item), meant, "{written}");
    }
}

#[test]
fn misplaced_key_says_where_it_belongs() {
    assert_mistakes([
        (
            quote! { #[session(rename = "x")] struct A {} },
            "`rename` is an attribute of fields; move it to a field",
        ),
        (
            quote! { struct A { #[session(cookie = "x")] a: u8 } },
            "`cookie` is an attribute of the struct; move it above the struct",
        ),
    ]);
}

#[test]
fn duplicate_key_is_reported_at_the_second() {
    for (item, key) in [
        (
            quote! { #[session(cookie = "a", cookie = "b")] struct A {} },
            "cookie",
        ),
        (
            quote! { #[session(secure)] #[session(secure)] struct A {} },
            "secure",
        ),
        (quote! { struct A { #[session(skip, skip)] a: u8 } }, "skip"),
        (quote! { struct A { #[session(keep, keep)] a: u8 } }, "keep"),
    ] {
        let expected = format!("duplicate `{key}`, which is already set; remove one of them");
        assert_eq!(mistake(item), expected);
    }
}

#[test]
fn flags_are_bare_or_true_or_false() {
    let policy = sound(quote! {
        #[session(cookie = "a", secure = false, http_only = true, persistent, idle = "1h")]
        struct A {}
    })
    .policy;
    assert!(!policy.secure && policy.http_only && policy.persistent && !policy.partitioned);
    assert_mistakes([
        (
            quote! { #[session(secure = "false")] struct A {} },
            "`secure` is a flag; write `secure`, `secure = true` or `secure = false`",
        ),
        (
            quote! { struct A { #[session(keep = 1)] a: u8 } },
            "`keep` is a flag; write `keep`, `keep = true` or `keep = false`",
        ),
    ]);
}

#[test]
fn empty_name_is_rejected() {
    assert_mistakes([
        (
            quote! { #[session(purpose = "")] struct A {} },
            "`purpose` must not be empty; write a name, such as `purpose = \"checkout\"`",
        ),
        (
            quote! { struct A { #[session(alias = "")] a: u8 } },
            "`alias` must not be empty; write a name, such as `alias = \"old_name\"`",
        ),
    ]);
}

#[test]
fn key_without_a_value_shows_an_example() {
    for key in [
        "cookie", "path", "domain", "format", "idle", "purpose", "forget",
    ] {
        let ident = format_ident!("{key}");
        for given in [
            quote!(#ident),
            quote!(#ident = 5),
            quote!(#ident("x")),
            quote!(#ident = ),
        ] {
            let message = mistake(quote! { #[session(#given)] struct A {} });
            let example = format!("`{key}` needs a string, such as `{key} = \"");
            assert!(message.starts_with(&example), "{message}");
        }
    }
    assert_mistakes([(
        quote! { struct A { #[session(default)] a: u8 } },
        "`default` needs a value, such as `default = 20`",
    )]);
}

#[test]
fn paths_are_bare_or_in_quotes() {
    for with in [quote!(my::module), quote!("my::module")] {
        let field = sound(quote! { struct A { #[session(with = #with)] a: u8 } })
            .fields
            .remove(0);
        let Storage::Member {
            with: Some(with), ..
        } = field.storage
        else {
            panic!("a member with a module");
        };
        assert_eq!(quote!(#with).to_string(), "my :: module");
    }
    for with in [quote!(5), quote!("my module"), quote!("")] {
        let message = mistake(quote! { struct A { #[session(with = #with)] a: u8 } });
        assert_eq!(
            message,
            "`with` needs a path, such as `with = \"path::to::module\"`"
        );
    }
}

#[test]
fn accessors_have_the_struct_visibility_unless_set() {
    let vis_of = |item| {
        let vis = sound(item).fields.remove(0).vis;
        quote!(#vis).to_string()
    };
    assert_eq!(
        vis_of(quote! { pub(super) struct A { pub a: u8 } }),
        "pub (super)"
    );
    assert_eq!(
        vis_of(quote! { pub struct A { #[session(vis = pub(crate))] a: u8 } }),
        "pub (crate)"
    );
    assert_eq!(
        vis_of(quote! { pub struct A { #[session(vis = "pub(in crate::a)")] a: u8 } }),
        "pub (in crate :: a)"
    );
    assert_eq!(
        vis_of(quote! { pub struct A { #[session(vis = "")] a: u8 } }),
        ""
    );
    for vis in [quote!(private), quote!("private"), quote!(crate)] {
        let message = mistake(quote! { struct A { #[session(vis = #vis)] a: u8 } });
        assert_eq!(
            message,
            "`vis` needs a visibility (`\"\"` is private), such as `vis = \"pub(crate)\"`"
        );
    }
}

#[test]
fn conflicting_attributes_are_rejected() {
    let skip = "has no effect on a `skip` field, which is never stored; remove one";
    let rest = "has no effect on the `rest` field, which holds members of any name and is empty \
                at first; remove one";
    for (attributes, key, message) in [
        (quote!(skip, rename = "b"), "rename", skip),
        (quote!(skip, alias = "b"), "alias", skip),
        (quote!(skip, with = m), "with", skip),
        (quote!(skip, lenient), "lenient", skip),
        (quote!(skip, rest), "rest", skip),
        (quote!(rest, rename = "b"), "rename", rest),
        (quote!(rest, alias = "b"), "alias", rest),
        (quote!(rest, with = m), "with", rest),
        (quote!(rest, lenient), "lenient", rest),
        (quote!(rest, default = Map::new()), "default", rest),
        (quote!(rest, copy), "copy", rest),
    ] {
        let item = quote! { struct A { #[session(#attributes)] a: Map<String, Value> } };
        assert_eq!(mistake(item), format!("`{key}` {message}"));
    }
    assert_eq!(
        mistakes(quote! { struct A { #[session(skip = false, rename = "b")] a: u8 } }),
        [""; 0]
    );
    assert_eq!(
        mistakes(quote! { struct A { #[session(skip, keep, default = 3)] a: u8 } }),
        [""; 0]
    );
}

#[test]
fn literals_in_messages_are_escaped() {
    let all = mistakes(quote! {
        #[session(cookie = "a\u{1b}[31m", path = "/\r\n", domain = "\u{202e}", idle = "\u{9b}")]
        #[session(same_site = "\u{7}", format = "\u{7f}", forget = "x\u{1b}", forget = "x\u{1b}")]
        struct A {
            #[session(rename = "b\u{1b}")]
            a: u8,
            #[session(rename = "b\u{1b}", alias = "b\u{1b}")]
            c: u8,
        }
    });
    assert_eq!(all.len(), 9, "{all:#?}");
    for message in all {
        let unsafe_character = |c: char| c.is_control() || c == '\u{202e}';
        assert!(!message.contains(unsafe_character), "{message:?}");
    }
}

#[test]
fn rest_field_must_not_be_public() {
    assert_mistakes([(
        quote! { struct A { #[session(rest, public)] a: Map<String, Value> } },
        "the `rest` field must not be `public`, because it holds members that no field names; \
         remove `public`, and write a field for each public member",
    )]);
}

#[test]
fn identity_field_must_be_one_stored_option_without_keep() {
    let not_an_option = "the `identity` field must be an `Option`, which is `None` while nobody is \
                         signed in; write `Option<u64>`";
    assert_mistakes([
        (
            quote! { struct A { #[session(identity)] a: u64 } },
            not_an_option,
        ),
        (
            quote! { struct A { #[session(identity)] a: Option<u64>, #[session(identity)] b: Option<u8> } },
            "a session must not have a second `identity` field; `a` already says who is signed in, \
             so remove one",
        ),
        (
            quote! { struct A { #[session(identity, keep)] a: Option<u64> } },
            "the `identity` field must not be a `keep` field, or `sign_in` would not end the \
             previous user's login; remove `keep`",
        ),
        (
            quote! { struct A { #[session(skip, identity)] a: Option<u64> } },
            "the `identity` field must not be a `skip` field, which is never stored; remove one",
        ),
    ]);
    let input = sound(quote! {
        struct A { #[session(identity)] a: Option<u64>, #[session(identity = false)] b: u8 }
    });
    let identities = input.fields.iter().map(|field| field.identity);
    assert_eq!(identities.collect::<Vec<_>>(), [true, false]);
}

#[test]
fn lenient_on_the_struct_applies_to_fields_unless_they_override_it() {
    let input = sound(quote! {
        #[session(lenient)]
        struct A { a: u8, #[session(lenient = false)] b: u8, #[session(lenient)] c: u8 }
    });
    let lenient = input.fields.iter().map(|field| field.lenient);
    assert_eq!(lenient.collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn version_and_migrate_need_each_other() {
    let input = sound(quote! { #[session(version = 7, migrate = "A::older")] struct A {} });
    let migration = input.migration.expect("both are given");
    assert_eq!(migration.version, 7);
    assert_mistakes([
        (
            quote! { #[session(version = 7)] struct A {} },
            "`version` has no effect without `migrate`; add `migrate = path::to::function`, or \
             remove `version` (sessions without one have version 0)",
        ),
        (
            quote! { #[session(migrate = older)] struct A {} },
            "`migrate` is never called without a `version`; add `version = 1`",
        ),
        (
            quote! { #[session(version = 1, migrate)] struct A {} },
            "`migrate` needs a path, such as `migrate = Auth::migrate`",
        ),
        // The version is invalid but present, so `migrate` is not reported.
        (
            quote! { #[session(version = "1", migrate = older)] struct A {} },
            "`version` needs a number, such as `version = 1`",
        ),
    ]);
    for version in [quote!(0), quote!(-1), quote!(1u8), quote!(4294967296)] {
        let item = quote! { #[session(version = #version, migrate = older)] struct A {} };
        assert_eq!(
            mistake(item),
            "`version` must be a plain number from 1 to 4294967295; sessions that were stored \
             without one have 0"
        );
    }
}

#[test]
fn rest_field_must_be_one_map_of_values() {
    for ty in [
        quote!(Map<String, Value>),
        quote!(serde_json::Map<std::string::String, serde_json::Value>),
    ] {
        assert_eq!(
            mistakes(quote! { struct A { #[session(rest, keep)] a: #ty } }),
            [""; 0]
        );
    }
    for ty in [
        quote!(HashMap<String, Value>),
        quote!(Map<String, u8>),
        quote!(Value),
    ] {
        let message = mistake(quote! { struct A { #[session(rest)] a: #ty } });
        assert!(
            message.ends_with("write `serde_json::Map<String, serde_json::Value>`"),
            "{message}"
        );
    }
    assert_mistakes([
        (
            quote! { struct A { #[session(rest)] a: std::collections::HashMap<String, String> } },
            "the `rest` field holds JSON members of any name and type, which \
             `std::collections::HashMap<String, String>` cannot; write \
             `serde_json::Map<String, serde_json::Value>`",
        ),
        (
            quote! {
                struct A {
                    #[session(rest)] a: Map<String, Value>,
                    #[session(rest)] b: Map<String, Value>
                }
            },
            "a session must not have a second `rest` field; `a` already holds the members that no \
             field names, so remove one",
        ),
    ]);
}

#[test]
fn string_literal_is_a_default_for_strings_only() {
    for item in [
        quote! { struct A { #[session(default = "x")] a: String } },
        quote! { struct A { #[session(default = "x")] a: Option<String> } },
        quote! { struct A { #[session(default = String::new())] a: String } },
        quote! { struct A { #[session(default = [1, 2], keep)] a: [u8; 2] } },
        quote! { struct A { #[session(default = HashMap::<u8, u8>::new())] a: Other } },
    ] {
        assert_eq!(mistakes(item), [""; 0]);
    }
    assert_mistakes([(
        quote! { struct A { #[session(default = "path::to")] a: Theme } },
        "`default` takes an expression, and a string is not a `Theme`; write the value, or call a \
         function, such as `default = path::to()`",
    )]);
}

#[test]
fn serde_attribute_names_the_session_attribute() {
    for (attribute, remedy) in [
        ("rename = \"uid\"", "write `#[session(rename = \"uid\")]`"),
        ("alias = \"uid\"", "write `#[session(alias = \"uid\")]`"),
        ("with = \"a::b\"", "write `#[session(with = \"a::b\")]`"),
        ("default = \"a::b\"", "write `#[session(default = a::b())]`"),
        (
            "default",
            "remove it, as a missing field takes its default anyway",
        ),
        ("skip", "write `#[session(skip)]`"),
        (
            "flatten",
            "write `#[session(rest)]` on a `serde_json::Map<String, Value>`, which holds the \
             members that no field names",
        ),
        (
            "skip_serializing_if = \"Option::is_none\"",
            "remove it, as `None` is omitted and every other value is stored",
        ),
        (
            "deserialize_with = \"f\"",
            "write `#[session(with = \"path::to::module\")]`, with both functions in the module",
        ),
        ("bound = \"\"", "remove it, as there is no counterpart"),
    ] {
        let tokens: TokenStream = attribute.parse().expect("tokens");
        let message = mistake(quote! { struct A { #[serde(#tokens)] a: u8 } });
        let expected = format!("`#[serde({attribute})]` has no effect on a session; {remedy}");
        assert_eq!(message, expected);
    }
    let message = mistake(quote! { #[serde(default)] struct A {} });
    assert!(message.starts_with("`#[serde(default)]`"), "{message}");
}

#[test]
fn only_a_struct_with_named_fields_and_no_parameters_is_a_session() {
    for (item, remedy) in [
        (
            quote! { enum A { B } },
            "put the enum into a field of a struct",
        ),
        (quote! { union A { a: u8 } }, "write a struct"),
        (
            quote! { struct A; },
            "write `struct A {}` for a struct without fields",
        ),
        (
            quote! { struct A(u8); },
            "name the fields, as in `struct A { user_id: u64 }`",
        ),
    ] {
        let expected = format!(
            "`SecureSession` needs a struct with named fields, which name the accessors; {remedy}"
        );
        assert_eq!(mistake(item), expected);
    }
    assert_mistakes([(
        quote! { struct A<T> { a: T } },
        "type parameter `T` is not supported because a session is one type with one cookie; write \
         a concrete type instead",
    )]);
    assert!(mistake(quote! { struct A<'a> { a: Cow<'a, str> } }).starts_with("lifetime `'a`"));
    assert!(
        mistake(quote! { #[repr(C, packed(2))] struct A { a: u16 } }).starts_with("`repr(packed)`")
    );
    assert_eq!(mistakes(quote! { struct A {} }), [""; 0]);
}

#[test]
fn more_than_64_fields_are_rejected() {
    let fields = |count| {
        let names = (0..count).map(|index| format_ident!("field_{index}"));
        quote! { struct A { #(#names: u8),* } }
    };
    assert_eq!(mistakes(fields(64)), [""; 0]);
    assert_eq!(
        mistake(fields(65)),
        "a session must not have more than 64 fields, and this one has 65; group some of them in a \
         nested struct"
    );
}

#[test]
fn default_field_value_of_rust_is_rejected() {
    let message = mistake(quote! { struct A { page_size: u8 = 20 } });
    assert!(
        message.ends_with("write `#[session(default = 20)]`"),
        "{message}"
    );
}
