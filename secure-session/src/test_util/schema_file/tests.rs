use std::{fs, path::PathBuf};

use super::{check, in_package};
use crate::SecureSession;

/// A test's file, which is deleted at the end of the test.
struct File(PathBuf);

impl File {
    fn new(test: &str) -> Self {
        let name = format!("actix-secure-session-{}-{test}.json", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    /// Makes a file with the shape of these samples.
    fn of<T: SecureSession>(test: &str, samples: &[T]) -> Self {
        let file = Self::new(test);
        file.check(samples, true).expect("the first shape");
        file
    }

    /// Returns the outcome, with the path replaced, because it depends on the machine.
    fn check<T: SecureSession>(&self, samples: &[T], bless: bool) -> Result<(), String> {
        let path = self.0.display().to_string();
        check(&self.0, samples, bless).map_err(|text| text.replace(&path, "auth.json"))
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.0).expect("there is a file")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

mod first {
    use crate::SecureSession;

    #[derive(SecureSession)]
    pub(super) struct Auth {
        pub(super) uid: Option<u64>,
        pub(super) name: String,
        pub(super) page_size: String,
    }

    pub(super) fn auth() -> Auth {
        Auth {
            uid: Some(7),
            name: "Ada".to_owned(),
            page_size: "all".to_owned(),
        }
    }
}

const FIRST: &str = r#"{
  "session": "Auth",
  "cookie": "__Host-auth",
  "purpose": "",
  "format": "native",
  "shapes": [
    {
      "version": 0,
      "fields": ["uid", "name", "page_size"],
      "samples": [
        {"uid":7,"name":"Ada","page_size":"all"}
      ]
    }
  ]
}
"#;

#[test]
fn missing_file_is_reported_with_how_to_create_it() {
    let file = File::new("none");
    let text = file.check(&[first::auth()], false).unwrap_err();
    assert_eq!(
        text,
        "there is no file auth.json with the recorded shapes of `Auth`\nrun the test once with \
         BLESS_SESSIONS=1 to create it, and commit it"
    );
    assert!(!file.0.exists());
    assert_eq!(file.check(&[first::auth()], true), Ok(()));
    assert_eq!(file.text(), FIRST);
    assert_eq!(file.check(&[first::auth()], false), Ok(()));
}

#[test]
fn other_values_of_the_same_shape_do_not_change_the_file() {
    let file = File::of("values", &[first::auth()]);
    let other = || first::Auth {
        uid: Some(8),
        ..first::auth()
    };
    assert_eq!(file.check(&[other(), other()], false), Ok(()));
    assert_eq!(file.check(&[other()], true), Ok(()));
    assert_eq!(file.text(), FIRST);
}

#[test]
fn field_without_a_value_in_any_sample_is_reported() {
    let file = File::new("hidden");
    let hiding = || first::Auth {
        uid: None,
        ..first::auth()
    };
    assert_eq!(
        file.check(&[hiding(), hiding()], true).unwrap_err(),
        "no sample of `Auth` has a value for `uid`\nadd one: a field that is `None` or an empty \
         list in all samples cannot be checked"
    );
    assert_eq!(file.check(&[hiding(), first::auth()], true), Ok(()));
    let none: [first::Auth; 0] = [];
    let text = file.check(&none, true).unwrap_err();
    assert!(text.contains("for `uid`, `name`, `page_size`\n"), "{text}");
}

#[test]
fn added_field_is_a_new_shape_and_keeps_recorded_ones() {
    #[derive(SecureSession)]
    struct Auth {
        uid: Option<u64>,
        name: String,
        page_size: String,
        level: u8,
    }
    let added = || Auth {
        uid: Some(8),
        name: "Bob".to_owned(),
        page_size: "few".to_owned(),
        level: 2,
    };
    let file = File::of("added", &[first::auth()]);
    assert_eq!(
        file.check(&[added()], false).unwrap_err(),
        "`Auth` has a new shape, compatible with all earlier ones in auth.json: `level` is new\nrun \
         the test once with BLESS_SESSIONS=1 to record it, and commit the file"
    );
    assert_eq!(file.text(), FIRST);
    assert_eq!(file.check(&[added()], true), Ok(()));
    let second = r#",
    {
      "version": 0,
      "fields": ["uid", "name", "page_size", "level"],
      "samples": [
        {"uid":8,"name":"Bob","page_size":"few","level":2}
      ]
    }
  ]
}
"#;
    assert_eq!(file.text(), FIRST.replace("\n  ]\n}\n", second));
    assert_eq!(file.check(&[added()], false), Ok(()));
    // The field is removed again.
    let text = file.check(&[first::auth()], false).unwrap_err();
    assert!(
        text.starts_with(
            "`Auth` is incompatible with sessions of earlier builds, recorded in auth.json:\n\n\
             shape 2: no field reads `level` (a number)\n"
        ),
        "{text}"
    );
}

#[test]
fn renamed_and_removed_fields_are_reported_with_their_remedies() {
    mod changed {
        use crate::SecureSession;

        #[derive(SecureSession)]
        pub(super) struct Auth {
            pub(super) user_id: Option<u64>,
            pub(super) page_size: String,
        }
    }
    let file = File::of("renamed", &[first::auth()]);
    let changed = changed::Auth {
        user_id: Some(7),
        page_size: "all".to_owned(),
    };
    // Blessing does not hide the problems.
    for bless in [false, true] {
        assert_eq!(
            file.check(std::slice::from_ref(&changed), bless)
                .unwrap_err(),
            r#"`Auth` is incompatible with sessions of earlier builds, recorded in auth.json:

shape 1: no field reads `uid` (a number)
    if `user_id` replaces it: `#[session(alias = "uid")]` on `user_id`
    if it was removed: `#[session(forget = "uid")]` on `Auth`
    if its value moves elsewhere: `#[session(version = 1, migrate = …)]` on `Auth`

shape 1: no field reads `name` (text)
    if another field replaces it: `#[session(alias = "name")]` on that field
    if it was removed: `#[session(forget = "name")]` on `Auth`
    if its value moves elsewhere: `#[session(version = 1, migrate = …)]` on `Auth`"#
        );
        assert_eq!(file.text(), FIRST);
    }
}

#[test]
fn alias_forget_and_lenient_make_a_new_shape() {
    #[derive(SecureSession)]
    #[session(forget = "name")]
    struct Auth {
        #[session(alias = "uid")]
        user_id: Option<u64>,
        #[session(lenient)]
        page_size: u16,
    }
    let file = File::of("alias", &[first::auth()]);
    let kept = Auth {
        user_id: Some(7),
        page_size: 50,
    };
    assert_eq!(
        file.check(&[kept], false).unwrap_err(),
        "`Auth` has a new shape, compatible with all earlier ones in auth.json: `user_id` is new, \
         `page_size` has a different form, `uid` was removed, `name` was removed\nrun the test \
         once with BLESS_SESSIONS=1 to record it, and commit the file"
    );
}

#[test]
fn retyped_field_is_reported() {
    mod retyped {
        use crate::SecureSession;

        #[derive(SecureSession)]
        pub(super) struct Auth {
            pub(super) uid: Option<u64>,
            pub(super) name: String,
            pub(super) page_size: u16,
        }
    }
    let file = File::of("retyped", &[first::auth()]);
    let retyped = retyped::Auth {
        uid: Some(7),
        name: "Ada".to_owned(),
        page_size: 50,
    };
    assert_eq!(
        file.check(&[retyped], false).unwrap_err(),
        r"`Auth` is incompatible with sessions of earlier builds, recorded in auth.json:

shape 1: `page_size` is text and does not fit field `page_size`: wrong type
    to convert it: `#[session(version = 1, migrate = …)]` on `Auth`
    to read both forms: `#[session(with = …)]` on `page_size`
    to use the default instead: `#[session(lenient)]` on `page_size`"
    );
}

#[test]
fn retyped_field_may_be_converted_and_lowered_version_is_reported() {
    #[derive(SecureSession)]
    #[session(cookie = "__Host-auth", version = 1, migrate = convert)]
    struct Converted {
        uid: Option<u64>,
        name: String,
        page_size: u16,
    }
    fn convert(_: u32, members: &mut serde_json::Map<String, serde_json::Value>) {
        members["page_size"] = 20.into();
    }
    let file = File::of("converted", &[first::auth()]);
    let converted = || Converted {
        uid: Some(7),
        name: "Ada".to_owned(),
        page_size: 50,
    };
    let text = file.check(&[converted()], false).unwrap_err();
    assert!(
        text.contains("version 1, `page_size` has a different form"),
        "{text}"
    );
    assert_eq!(file.check(&[converted()], true), Ok(()));
    // The version must not be lowered.
    let text = file.check(&[first::auth()], false).unwrap_err();
    assert!(
        text.contains(
            "`version` was 1 and is 0, so the next migration would skip sessions of version 1\n    \
             write `#[session(version = 1, migrate = …)]` or a higher number on `Auth`"
        ),
        "{text}"
    );
}

#[test]
fn migration_that_rejects_panics_or_does_nothing_is_reported() {
    use serde_json::{Map, Value};

    macro_rules! with {
        ($function:expr) => {{
            #[derive(SecureSession)]
            #[session(cookie = "__Host-auth", version = 2, migrate = migrate)]
            struct Auth {
                uid: Option<u64>,
                name: String,
            }
            fn migrate(from: u32, members: &mut Map<String, Value>) -> Result<(), ()> {
                let function: fn(u32, &mut Map<String, Value>) -> Result<(), ()> = $function;
                function(from, members)
            }
            let file = File::of("refusing", &[first::auth()]);
            let auth = Auth {
                uid: Some(7),
                name: "Ada".to_owned(),
            };
            file.check(&[auth], false).unwrap_err()
        }};
    }
    let text = with!(|_, _| Err(()));
    assert!(text.ends_with("shape 1: `migrate` rejects a session of version 0"));
    let text = with!(|_, _| panic!("planted"));
    assert!(text.ends_with("shape 1: `migrate` panics for a session of version 0"));
    let text = with!(|_, _| Ok(()));
    assert!(
        text.contains("no field reads `page_size`")
            && text.ends_with("`version = 3` on `Auth`, and a step in its `migrate`"),
        "{text}"
    );
}

#[test]
fn member_lost_inside_a_field_is_reported_by_its_path() {
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Default, Serialize, Deserialize)]
    struct Whole {
        street: String,
        city: String,
    }
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct Part {
        street: String,
    }
    #[derive(SecureSession)]
    #[session(cookie = "shop")]
    struct Before {
        addresses: Vec<Whole>,
    }
    #[derive(SecureSession)]
    #[session(cookie = "shop")]
    struct After {
        addresses: Vec<Part>,
    }
    let file = File::of(
        "inside",
        &[Before {
            addresses: vec![Whole::default()],
        }],
    );
    let after = After {
        addresses: vec![Part::default()],
    };
    assert_eq!(
        file.check(&[after], true).unwrap_err(),
        r"`After` is incompatible with sessions of earlier builds, recorded in auth.json:

shape 1: `addresses[].city` is read but not written back, so its value would be lost
    to keep it: add it to the type of field `addresses`
    to convert or drop it: `#[session(version = 1, migrate = …)]` on `After`"
    );
}

#[test]
fn changed_cookie_name_and_purpose_are_reported() {
    #[derive(SecureSession)]
    #[session(purpose = "shop")]
    struct Login {
        uid: Option<u64>,
        name: String,
        page_size: String,
    }
    let file = File::of("moved", &[first::auth()]);
    let login = Login {
        uid: Some(7),
        name: "Ada".to_owned(),
        page_size: "all".to_owned(),
    };
    assert_eq!(
        file.check(&[login], true).unwrap_err(),
        r#"`Login` is incompatible with sessions of earlier builds, recorded in auth.json:

`cookie` was "__Host-auth" and is "__Host-login", so no session of an earlier build opens
    to keep them: `#[session(cookie = "__Host-auth")]` on `Login`
    to start over: delete the file and create a new one

`purpose` was "" and is "shop", so no session of an earlier build opens
    to keep them: remove `purpose` from `Login`
    to start over: delete the file and create a new one"#
    );
}

#[test]
fn members_of_a_rest_field_and_skipped_fields_are_not_checked() {
    use serde_json::{Map, Value};

    #[derive(SecureSession)]
    #[session(cookie = "__Host-auth")]
    struct Auth {
        uid: u64,
        #[session(rest)]
        others: Map<String, Value>,
        #[session(skip)]
        scratch: Option<u8>,
    }
    let auth = |name: &str| Auth {
        uid: 7,
        others: Map::from_iter([(name.to_owned(), Value::from(1))]),
        scratch: None,
    };
    let file = File::of("rest", &[auth("a")]);
    assert!(file.text().contains(r#""fields": ["uid"]"#));
    assert_eq!(file.check(&[auth("b")], false), Ok(()));
}

mod with_rest {
    use serde_json::{Map, Value};

    use crate::SecureSession;

    #[derive(SecureSession)]
    #[session(cookie = "__Host-prefs")]
    pub(super) struct Prefs {
        uid: u64,
        #[session(rest)]
        others: Map<String, Value>,
    }

    #[derive(SecureSession)]
    #[session(cookie = "__Host-prefs")]
    pub(super) struct WithField {
        uid: u64,
        role: Option<String>,
        #[session(rest)]
        others: Map<String, Value>,
    }

    #[derive(SecureSession)]
    #[session(cookie = "__Host-prefs")]
    pub(super) struct WithAlias {
        #[session(alias = "id")]
        uid: u64,
        #[session(rest)]
        others: Map<String, Value>,
    }

    /// The `rest` field and its members were removed.
    #[derive(SecureSession)]
    #[session(cookie = "__Host-prefs")]
    pub(super) struct AliasAfterwards {
        #[session(alias = "id")]
        uid: u64,
    }

    pub(super) fn prefs() -> Prefs {
        let others = Map::new();
        Prefs { uid: 7, others }
    }

    pub(super) fn with_field() -> WithField {
        WithField {
            uid: 7,
            role: Some("clerk".to_owned()),
            others: Map::new(),
        }
    }

    pub(super) fn with_alias() -> WithAlias {
        let others = Map::new();
        WithAlias { uid: 7, others }
    }

    pub(super) fn alias_afterwards() -> AliasAfterwards {
        AliasAfterwards { uid: 7 }
    }
}

/// Visitors may choose the names in a `rest` field.
#[test]
fn new_name_next_to_a_rest_field_is_reported_and_can_be_blessed() {
    let file = File::of("rest-field", &[with_rest::prefs()]);
    assert!(file.text().contains(r#""rest": true,"#));
    assert_eq!(file.check(&[with_rest::prefs()], false), Ok(()));
    let text = file.check(&[with_rest::with_field()], false).unwrap_err();
    assert_eq!(
        text,
        "`WithField` has a new shape, compatible with all earlier ones in auth.json: `role` is \
         new\n\
         \n\
         `role` may already be in earlier sessions, as a member of the `rest` field\n    \
         if visitors choose names there, they control its value: use another name, or remove the \
         member in `migrate`\n\
         \n\
         run the test once with BLESS_SESSIONS=1 to record it, and commit the file"
    );
    let text = file.check(&[with_rest::with_alias()], false).unwrap_err();
    assert!(text.contains(": alias `id` is new\n"), "{text}");
    assert!(
        text.contains("\n`id` may already be in earlier sessions"),
        "{text}"
    );
    let text = file.check(&[with_rest::alias_afterwards()], false);
    let text = text.unwrap_err();
    assert!(
        text.contains("\n`id` may already be in earlier sessions"),
        "{text}"
    );
    assert_eq!(file.check(&[with_rest::with_alias()], true), Ok(()));
    assert!(file.text().contains(r#""aliases": ["id"],"#));
    assert_eq!(file.check(&[with_rest::with_alias()], false), Ok(()));
    assert_eq!(file.check(&[with_rest::prefs()], false), Ok(()));
}

#[test]
fn new_alias_is_not_reported_without_a_rest_field() {
    let file = File::of("alias without rest", &[with_rest::alias_afterwards()]);
    assert!(!file.text().contains("alias"));
    // The first `rest` field: no earlier session has one.
    let text = file.check(&[with_rest::with_alias()], false).unwrap_err();
    assert!(text.contains(": the `rest` field is new"), "{text}");
    assert!(!text.contains("already be in earlier sessions"), "{text}");
}

#[test]
fn file_with_other_contents_is_reported_and_kept() {
    for text in ["", "{}", "[]", &FIRST.replace("\"version\": 0,", "")] {
        let file = File::new("else");
        fs::write(&file.0, text).unwrap();
        assert_eq!(
            file.check(&[first::auth()], true).unwrap_err(),
            "auth.json does not contain the shapes of a session; restore the committed file"
        );
        assert_eq!(file.text(), text);
    }
}

#[test]
fn directory_of_a_new_file_is_created() {
    let folder = File::new("folder");
    let file = folder.0.join("tests/auth.session.json");
    assert_eq!(check(&file, &[first::auth()], true), Ok(()));
    assert_eq!(check(&file, &[first::auth()], false), Ok(()));
    fs::remove_dir_all(&folder.0).unwrap();
}

#[test]
fn relative_path_is_relative_to_the_package() {
    let manifest = in_package("Cargo.toml".as_ref());
    let text = fs::read_to_string(manifest).unwrap();
    assert!(text.contains("name = \"actix-secure-session\""));
}

#[cfg(feature = "revocation")]
#[test]
fn raised_limit_of_a_revocable_session_is_reported() {
    mod before {
        use crate::SecureSession;

        #[derive(SecureSession)]
        #[session(revocable, remember = "30d")]
        pub(super) struct Auth {
            #[session(identity)]
            pub(super) user_id: Option<u64>,
        }
    }
    mod after {
        use crate::SecureSession;

        #[derive(SecureSession)]
        #[session(revocable, idle = "1h", absolute = "6h")]
        pub(super) struct Auth {
            #[session(identity)]
            pub(super) user_id: Option<u64>,
        }
    }
    let before = || before::Auth { user_id: Some(7) };
    let after = || after::Auth { user_id: Some(7) };
    let file = File::of("limits", &[before()]);
    let recorded =
        "\n  \"limits\": {\"idle\": 1800, \"absolute\": 43200, \"remember\": 2592000},\n";
    assert!(file.text().contains(recorded), "{}", file.text());
    assert_eq!(file.check(&[before()], false), Ok(()));
    let text = file.check(&[after()], false).unwrap_err();
    assert_eq!(
        text,
        "the limits of the revocable session `Auth` differ from those in auth.json: `idle` was 1800 \
         and is 3600 (in seconds), so a session that was revoked may be valid again: call \
         `revoke_everyone` when you deploy it; `absolute` was 43200 and is 21600 (in seconds); \
         `remember` was 2592000 and is null (in seconds)\nrun the test once with BLESS_SESSIONS=1 to \
         record them, and commit the file"
    );
    assert_eq!(file.check(&[after()], true), Ok(()));
    assert_eq!(file.check(&[after()], false), Ok(()));
}
