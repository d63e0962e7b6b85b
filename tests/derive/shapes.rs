//! Getters and setters of each shape.

use std::{borrow::Cow, collections::BTreeMap};

use secure_session::{SecureSession, Session};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::{from_json, json_of, read, stored_after};

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
struct Theme {
    dark: bool,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
struct Level(u8);

#[derive(Debug, SecureSession)]
struct Kinds {
    number: u32,
    letter: char,
    grid: [(u8, bool); 2],
    level: Level,
    #[session(copy)]
    copied: Level,
    text: String,
    list: std::vec::Vec<u16>,
    other: Theme,
    texts: Vec<String>,
    map: BTreeMap<String, u8>,
    json: Value,
    boxed: Box<u8>,
    maybe_number: Option<u64>,
    maybe_text: core::option::Option<std::string::String>,
    maybe_list: Option<Vec<u16>>,
    maybe_other: Option<Theme>,
    #[session(copy)]
    maybe_copied: Option<Level>,
}

fn full() -> Kinds {
    Kinds {
        number: 1,
        letter: 'a',
        grid: [(1, true), (2, false)],
        level: Level(3),
        copied: Level(4),
        text: "text".to_owned(),
        list: vec![5, 6],
        texts: vec!["one".to_owned()],
        other: Theme { dark: true },
        map: BTreeMap::from([("a".to_owned(), 7)]),
        json: json!({ "a": [null, 1.5] }),
        boxed: Box::new(8),
        maybe_number: Some(9),
        maybe_text: Some("maybe".to_owned()),
        maybe_list: Some(vec![10]),
        maybe_other: Some(Theme { dark: true }),
        maybe_copied: Some(Level(11)),
    }
}

#[test]
fn getters_copy_copy_types_and_borrow_everything_else() {
    read(&full(), |kinds| {
        let number: u32 = kinds.number();
        let letter: char = kinds.letter();
        let grid: [(u8, bool); 2] = kinds.grid();
        let level: &Level = kinds.level();
        let copied: Level = kinds.copied();
        let text: &str = kinds.text();
        let list: &[u16] = kinds.list();
        let other: &Theme = kinds.other();
        let map: &BTreeMap<String, u8> = kinds.map();
        let json: &Value = kinds.json();
        let boxed: &u8 = kinds.boxed();
        assert_eq!((number, letter, grid), (1, 'a', [(1, true), (2, false)]));
        assert_eq!((*level, copied), (Level(3), Level(4)));
        assert_eq!((text, list), ("text", &[5, 6][..]));
        assert_eq!((other.dark, map["a"]), (true, 7));
        assert_eq!((json, *boxed), (&json!({ "a": [null, 1.5] }), 8));
    });
}

#[test]
fn getters_of_options_return_options() {
    read(&full(), |kinds| {
        let number: Option<u64> = kinds.maybe_number();
        let text: Option<&str> = kinds.maybe_text();
        let list: Option<&[u16]> = kinds.maybe_list();
        let other: Option<&Theme> = kinds.maybe_other();
        let copied: Option<Level> = kinds.maybe_copied();
        assert_eq!((number, text), (Some(9), Some("maybe")));
        assert_eq!(
            (list, other),
            (Some(&[10][..]), Some(&Theme { dark: true }))
        );
        assert_eq!(copied, Some(Level(11)));
    });
}

/// Each setter as the only change of its request.
macro_rules! sets {
    ($(|$session:ident| $set:expr, $field:ident == $expected:expr;)*) => {
        #[test]
        fn each_setter_stores_its_value() {
            $(
                let stored = stored_after(&full(), |$session| $set).expect(stringify!($set));
                assert_eq!(stored.$field, $expected, "{}", stringify!($set));
            )*
        }
    };
}

sets! {
    |kinds| kinds.set_number(20), number == 20;
    |kinds| kinds.set_grid([(0, true); 2]), grid == [(0, true); 2];
    |kinds| kinds.set_other(Theme::default()), other == Theme::default();
    |kinds| kinds.set_json(json!([1])), json == json!([1]);
    |kinds| kinds.set_text("new"), text == "new";
    |kinds| kinds.set_text(String::from("new")), text == "new";
    |kinds| kinds.set_text(Cow::Borrowed("new")), text == "new";
    |kinds| kinds.set_text('n'), text == "n";
    |kinds| kinds.set_list(vec![7]), list == [7];
    |kinds| kinds.set_list([7, 8]), list == [7, 8];
    |kinds| kinds.set_list((0..3).rev()), list == [2, 1, 0];
    |kinds| kinds.set_texts(["new"]), texts == ["new"];
    |kinds| kinds.set_texts(vec![String::from("new"), "er".into()]), texts == ["new", "er"];
    |kinds| kinds.set_texts("new er".split(' ')), texts == ["new", "er"];
    |kinds| kinds.clear_list(), list == [0_u16; 0];
    |kinds| kinds.clear_texts(), texts == [""; 0];
    |kinds| kinds.set_maybe_number(20), maybe_number == Some(20);
    |kinds| kinds.set_maybe_number(None), maybe_number == None;
    |kinds| kinds.set_maybe_text("new"), maybe_text == Some("new".to_owned());
    |kinds| kinds.set_maybe_text(String::from("new")), maybe_text == Some("new".to_owned());
    |kinds| kinds.set_maybe_text(Some("new".to_owned())), maybe_text == Some("new".to_owned());
    |kinds| kinds.set_maybe_text(Cow::Borrowed("new")), maybe_text == Some("new".to_owned());
    |kinds| kinds.set_maybe_text(Box::<str>::from("new")), maybe_text == Some("new".to_owned());
    |kinds| {
        let text = "new".to_owned();
        kinds.set_text(&text);
        kinds.set_maybe_text(&text);
    }, maybe_text == Some("new".to_owned());
    |kinds| kinds.set_maybe_list(vec![1]), maybe_list == Some(vec![1]);
    |kinds| kinds.set_maybe_other(Theme::default()), maybe_other == Some(Theme::default());
    |kinds| kinds.clear_maybe_text(), maybe_text == None;
    |kinds| kinds.update_number(|number| *number += 1), number == 2;
    |kinds| kinds.update_text(|text| text.push('!')), text == "text!";
    |kinds| kinds.update_list(|list| list.push(7)), list == [5, 6, 7];
    |kinds| kinds.update_maybe_number(|number| *number = None), maybe_number == None;
}

#[test]
fn take_returns_the_removed_value() {
    let stored = stored_after(&full(), |kinds| {
        assert_eq!(kinds.take_maybe_text().as_deref(), Some("maybe"));
        assert_eq!(kinds.take_maybe_text(), None);
        assert_eq!(kinds.maybe_text(), None);
    });
    assert_eq!(stored.expect("a change is sent").maybe_text, None);
}

#[test]
fn every_shape_is_read_back_from_the_cookie() {
    let stored = json_of(&full());
    let back = from_json::<Kinds>(stored.clone()).expect("a session");
    assert_eq!(json_of(&*back), stored);
    assert_eq!(back.map, full().map);
}

#[test]
fn none_is_omitted_and_null_is_read_as_none() {
    let stored = json_of(&Kinds::defaults());
    assert_eq!(stored.get("maybe_number"), None);
    assert_eq!(stored["number"], 0);
    let back = from_json::<Kinds>(json!({ "maybe_number": null, "maybe_text": null }));
    assert_eq!(back.expect("a session").maybe_number, None);
}

#[test]
fn struct_without_fields_is_a_session() {
    #[derive(SecureSession)]
    struct Nothing {}

    assert_eq!(json_of(&Nothing::defaults()), json!({}));
    assert!(stored_after(&Nothing {}, Session::touch).is_some());
}

/// The maximum number of fields.
macro_rules! sixty_four {
    ($($name:ident)*) => {
        #[derive(SecureSession)]
        struct Full {
            $($name: u8,)*
        }
    };
}

sixty_four! {
    a0 a1 a2 a3 a4 a5 a6 a7 b0 b1 b2 b3 b4 b5 b6 b7 c0 c1 c2 c3 c4 c5 c6 c7 d0 d1 d2 d3 d4 d5 d6 d7
    e0 e1 e2 e3 e4 e5 e6 e7 f0 f1 f2 f3 f4 f5 f6 f7 g0 g1 g2 g3 g4 g5 g6 g7 h0 h1 h2 h3 h4 h5 h6 h7
}

#[test]
fn sixty_fourth_field_is_stored_like_the_others() {
    let stored = stored_after(&Full::defaults(), |full| full.set_h7(7)).expect("a change is sent");
    assert_eq!((stored.a0, stored.h7), (0, 7));
}
