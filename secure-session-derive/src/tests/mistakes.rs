//! Mistakes in the attributes: each is found, and none hides another.

use quote::{format_ident, quote};

use super::{mistake, mistakes, sound};
use crate::model::Storage;

#[test]
fn every_mistake_is_reported_in_one_go() {
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
fn an_unknown_key_lists_the_known_ones() {
    let message = mistake(quote! { #[session(nmae = "x")] struct A {} });
    assert_eq!(
        message,
        "unknown attribute `nmae`; expected one of `absolute`, `cookie`, `crate`, `domain`, \
         `forget`, `format`, `http_only`, `idle`, `lenient`, `migrate`, `partitioned`, `path`, `persistent`, \
         `purpose`, `refresh`, `same_site`, `secure`, `version`"
    );
    let message = mistake(quote! { struct A { #[session(a::b(c, d))] x: u8 } });
    assert_eq!(
        message,
        "unknown attribute `a::b`; expected one of `accessor`, `alias`, `copy`, `default`, `keep`, \
         `lenient`, `rename`, `rest`, `skip`, `vis`, `with`"
    );
}

#[test]
fn a_key_in_the_wrong_place_says_where_it_belongs() {
    let message = mistake(quote! { #[session(rename = "x")] struct A {} });
    assert_eq!(
        message,
        "`rename` is about one field; move it to that field"
    );
    let message = mistake(quote! { struct A { #[session(cookie = "x")] a: u8 } });
    assert_eq!(
        message,
        "`cookie` is about the whole session; move it above the struct"
    );
}

#[test]
fn a_key_is_set_once_and_the_second_is_the_duplicate() {
    for item in [
        quote! { #[session(cookie = "a", cookie = "b")] struct A {} },
        quote! { #[session(secure)] #[session(secure)] struct A {} },
        quote! { struct A { #[session(skip, skip)] a: u8 } },
        // The first is wrong in itself, and no reason to miss the second.
        quote! { struct A { #[session(keep, keep)] a: u8 } },
    ] {
        let message = mistake(item);
        assert!(message.starts_with("duplicate `"), "{message}");
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
    let message = mistake(quote! { #[session(secure = "false")] struct A {} });
    assert_eq!(
        message,
        "`secure` is a switch; write `secure`, `secure = true` or `secure = false`"
    );
}

#[test]
fn a_key_without_a_value_shows_an_example() {
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
        assert!(message.starts_with("`with` needs a path"), "{message}");
    }
}

#[test]
fn the_visibility_of_accessors_is_the_structs_unless_given() {
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
        assert!(message.starts_with("`vis` needs a visibility"), "{message}");
    }
}

#[test]
fn attributes_that_contradict_each_other_are_refused() {
    for attributes in [
        quote!(skip, rename = "b"),
        quote!(skip, alias = "b"),
        quote!(skip, with = m),
        quote!(skip, lenient),
        quote!(skip, rest),
        quote!(rest, rename = "b"),
        quote!(rest, alias = "b"),
        quote!(rest, with = m),
        quote!(rest, lenient),
        quote!(rest, default = Map::new()),
        quote!(rest, copy),
    ] {
        mistake(quote! { struct A { #[session(#attributes)] a: Map<String, Value> } });
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
fn lenient_above_the_struct_is_for_every_field_that_says_nothing_else() {
    let input = sound(quote! {
        #[session(lenient)]
        struct A { a: u8, #[session(lenient = false)] b: u8, #[session(lenient)] c: u8 }
    });
    let lenient = input.fields.iter().map(|field| field.lenient);
    assert_eq!(lenient.collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn a_version_and_its_migration_come_together() {
    let input = sound(quote! { #[session(version = 7, migrate = "A::older")] struct A {} });
    let migration = input.migration.expect("both are given");
    assert_eq!(migration.version, 7);
    let alone = mistake(quote! { #[session(version = 7)] struct A {} });
    assert!(
        alone.contains("add `migrate = path::to::function`"),
        "{alone}"
    );
    let alone = mistake(quote! { #[session(migrate = older)] struct A {} });
    assert!(alone.ends_with("add `version = 1`"), "{alone}");
    for version in [
        quote!(0),
        quote!(-1),
        quote!(1u8),
        quote!(4294967296),
        quote!("1"),
    ] {
        // An unusable version is given all the same: `migrate` is not told to have none.
        mistake(quote! { #[session(version = #version, migrate = older)] struct A {} });
    }
    let both = mistakes(quote! {
        #[session(format = "fastify", version = 1, migrate = older)] struct A {}
    });
    assert_eq!(both.len(), 2, "{both:?}");
}

#[test]
fn rest_is_one_map_of_values() {
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
    let message = mistake(quote! {
        struct A { #[session(rest)] a: Map<String, Value>, #[session(rest)] b: Map<String, Value> }
    });
    assert!(
        message.starts_with("a second `rest` field; `a` already"),
        "{message}"
    );
}

#[test]
fn a_string_is_a_default_for_text_only() {
    for item in [
        quote! { struct A { #[session(default = "x")] a: String } },
        quote! { struct A { #[session(default = "x")] a: Option<String> } },
        quote! { struct A { #[session(default = String::new())] a: String } },
        quote! { struct A { #[session(default = [1, 2], keep)] a: [u8; 2] } },
        quote! { struct A { #[session(default = HashMap::<u8, u8>::new())] a: Other } },
    ] {
        assert_eq!(mistakes(item), [""; 0]);
    }
    let message = mistake(quote! { struct A { #[session(default = "path::to")] a: Theme } });
    assert!(message.contains("a string is no `Theme`"), "{message}");
    assert!(
        message.ends_with("such as `default = path::to()`"),
        "{message}"
    );
}

#[test]
fn serde_attributes_are_answered_with_the_session_spelling() {
    for (attribute, remedy) in [
        (
            quote!(rename = "uid"),
            "write `#[session(rename = \"uid\")]`",
        ),
        (quote!(alias = "uid"), "write `#[session(alias = \"uid\")]`"),
        (quote!(with = "a::b"), "write `#[session(with = \"a::b\")]`"),
        (
            quote!(default = "a::b"),
            "write `#[session(default = a::b())]`",
        ),
        (quote!(default), "remove it"),
        (quote!(skip), "write `#[session(skip)]`"),
        (quote!(flatten), "`#[session(rest)]`"),
        (quote!(skip_serializing_if = "Option::is_none"), "remove it"),
        (
            quote!(deserialize_with = "f"),
            "`#[session(with = \"path::to::module\")]`",
        ),
        (quote!(bound = ""), "it has no counterpart, remove it"),
    ] {
        let message = mistake(quote! { struct A { #[serde(#attribute)] a: u8 } });
        assert!(message.contains(remedy), "{message}");
    }
    for attribute in [
        quote!(deny_unknown_fields),
        quote!(rename_all = "camelCase"),
        quote!(default),
    ] {
        let message = mistake(quote! { #[serde(#attribute)] struct A {} });
        assert!(message.starts_with("`#[serde("), "{message}");
    }
}

#[test]
fn only_a_struct_with_named_fields_and_no_parameters_is_a_session() {
    for item in [
        quote! { enum A { B } },
        quote! { union A { a: u8 } },
        quote! { struct A; },
        quote! { struct A(u8); },
    ] {
        let message = mistake(item);
        assert!(
            message.starts_with("`SecureSession` needs a struct with named fields"),
            "{message}"
        );
    }
    assert!(mistake(quote! { struct A<'a> { a: Cow<'a, str> } }).starts_with("lifetime `'a`"));
    assert!(mistake(quote! { struct A<T> { a: T } }).starts_with("type parameter `T`"));
    assert!(
        mistake(quote! { struct A<const N: usize> { a: [u8; N] } })
            .starts_with("const parameter `N`")
    );
    assert!(
        mistake(quote! { #[repr(C, packed(2))] struct A { a: u16 } }).starts_with("`repr(packed)`")
    );
    assert_eq!(mistakes(quote! { struct A {} }), [""; 0]);
}

#[test]
fn the_65th_field_is_one_too_many() {
    let fields = |count| {
        let names = (0..count).map(|index| format_ident!("field_{index}"));
        quote! { struct A { #(#names: u8),* } }
    };
    assert_eq!(mistakes(fields(64)), [""; 0]);
    assert!(mistake(fields(65)).contains("field 65 of 65"));
}

#[test]
fn a_default_of_the_language_is_answered() {
    let message = mistake(quote! { struct A { page_size: u8 = 20 } });
    assert!(
        message.ends_with("write `#[session(default = 20)]`"),
        "{message}"
    );
}
