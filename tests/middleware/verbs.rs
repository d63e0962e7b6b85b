//! One table: each lifecycle method and mutator as the only call of a request, on a session that
//! was never stored, that was received in a cookie, that has expired, or whose cookie is
//! unreadable.

use actix_secure_session_tests::{
    Auth, AuthField, IDLE, NewerAuth, T0, ada,
    app::{Answer, Server},
};
use secure_session::{Session, SessionOrigin, codec::Opened, test_util::TestClock};
use serde_json::{Value, json};
use std::time::{Duration, UNIX_EPOCH};

/// The request is sent this many seconds after the cookie was created; no refresh is due.
const LATER: u64 = 60;

/// The expected response.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Sent {
    /// No header.
    Nothing,
    /// The session's cookie is removed.
    Removed,
    /// An empty 500, and no header.
    Fault,
    /// A cookie with this content: whether the id and the times are those of the cookie, whether
    /// the unknown member is kept, and the fields.
    Set {
        id: When,
        created: When,
        seen: When,
        unknown: bool,
        fields: &'static str,
    },
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum When {
    /// As in the received cookie.
    Kept,
    /// New in this request.
    New,
}

use Sent::{Fault, Nothing, Removed};
use When::{Kept, New};

/// A new session.
const fn fresh(fields: &'static str) -> Sent {
    Sent::Set {
        id: New,
        created: New,
        seen: New,
        unknown: false,
        fields,
    }
}

/// The session of the cookie, changed.
const fn changed(fields: &'static str) -> Sent {
    Sent::Set {
        id: Kept,
        created: Kept,
        seen: New,
        unknown: true,
        fields,
    }
}

/// `user_id name roles theme visits extra ratio`
fn shown(auth: &Auth) -> String {
    let Auth {
        user_id,
        name,
        roles,
        theme,
        visits,
        extra,
        ratio,
        ..
    } = auth;
    let id = user_id.map_or("-".to_owned(), |id| id.to_string());
    let theme = theme.as_deref().unwrap_or("-");
    format!("{id} {name:?} {roles:?} {theme} {visits} {extra} {ratio}")
}

/// Ada's session, stored by a newer build with a member that [`Auth`] does not know.
fn cookie(server: &Server) -> (String, Opened<NewerAuth>) {
    use secure_session::codec::Codec;
    let codec = Codec::<NewerAuth>::builder(actix_secure_session_tests::ring(&[1]))
        .clock(&server.clock)
        .build()
        .unwrap();
    let ada = ada();
    let newer = NewerAuth {
        user_id: ada.user_id,
        name: ada.name,
        roles: ada.roles,
        visits: ada.visits,
        future: Some("kept".to_owned()),
    };
    let opened = codec.new_session(newer).unwrap();
    (
        format!("__Host-auth={}", opened.seal(&codec).unwrap()),
        opened,
    )
}

fn check(
    row: &str,
    server: &Server,
    answer: &Answer,
    came: Option<&Opened<NewerAuth>>,
    expected: Sent,
) {
    let now = UNIX_EPOCH + Duration::from_secs(server.clock.now());
    let status = if expected == Fault { 500 } else { 200 };
    assert_eq!(answer.status, status, "{row}: status");
    assert_eq!(answer.header("vary"), Some("Cookie"), "{row}: vary");
    let cookies = answer.set_cookies();
    if matches!(expected, Nothing | Fault) {
        assert!(cookies.is_empty(), "{row}: {cookies:?}");
        assert!(answer.body.is_empty());
        return;
    }
    assert_eq!(cookies.len(), 1, "{row}: {cookies:?}");
    assert_eq!(answer.header("cache-control"), Some("private"), "{row}");
    let scope = "httponly=;path=/;samesite=Lax;secure=";
    assert_eq!(cookies[0].scope(), scope, "{row}: attributes");
    let Sent::Set {
        id,
        created,
        seen,
        unknown,
        fields,
    } = expected
    else {
        assert!(cookies[0].is_removal(), "{row}: {cookies:?}");
        return;
    };
    let stored = server
        .stored(answer)
        .unwrap_or_else(|| panic!("{row}: removed"));
    assert_eq!(shown(&stored), fields, "{row}: fields");
    let names: Vec<&str> = stored.unknown_members().collect();
    assert_eq!(
        names,
        if unknown { vec!["future"] } else { vec![] },
        "{row}: unknown members"
    );
    let same = |when: When, ours, theirs| match when {
        Kept => Some(ours) == theirs,
        New => ours == now,
    };
    let id_kept = came.is_some_and(|came| came.id() == stored.id());
    assert_eq!(id_kept, id == Kept, "{row}: id");
    let came_created = came.map(Opened::created_at);
    assert!(
        same(created, stored.created_at(), came_created),
        "{row}: created"
    );
    assert!(
        same(seen, stored.seen_at(), came.map(Opened::seen_at)),
        "{row}: seen"
    );
}

fn run(row: &str, change: fn(&Session<Auth>), never: Sent, stored: Sent) {
    let clock = TestClock::at(T0);
    let server = Server::at(&clock, &[1]);
    let (cookie, came) = cookie(&server);

    clock.set(T0 + LATER);
    let answer = server.auth("", move |auth| {
        change(auth);
        assert_eq!(auth.info().origin(), SessionOrigin::New);
    });
    check(
        &format!("{row}, never stored"),
        &server,
        &answer,
        None,
        never,
    );

    let answer = server.auth(&cookie, move |auth| {
        change(auth);
        assert_eq!(auth.info().origin(), SessionOrigin::Restored);
    });
    check(
        &format!("{row}, from a cookie"),
        &server,
        &answer,
        Some(&came),
        stored,
    );

    let answer = server.auth("__Host-auth=AQ-unreadable", move |auth| {
        change(auth);
        assert_eq!(auth.info().origin(), SessionOrigin::Rejected);
    });
    check(&format!("{row}, unreadable"), &server, &answer, None, never);

    clock.set(T0 + IDLE);
    let answer = server.auth(&cookie, move |auth| {
        change(auth);
        assert_eq!(auth.info().origin(), SessionOrigin::Expired);
    });
    check(&format!("{row}, expired"), &server, &answer, None, never);
}

macro_rules! rows {
    ($($name:ident: $change:expr, $never:expr, $stored:expr;)*) => {
        $(#[test]
        fn $name() {
            run(stringify!($name), $change, $never, $stored);
        })*
    };
}

const EMPTY: &str = r#"- "" [] - 0 null 0"#;
const ADA: &str = r#"7 "Ada" ["admin"] - 5 null 0"#;

rows! {
    reading_every_field_sends_nothing: |auth| {
        let _ = (auth.user_id(), auth.name(), auth.roles(), auth.theme(), auth.visits());
        let _ = (auth.extra(), auth.ratio(), auth.snapshot(), auth.info().id());
    }, Nothing, Nothing;

    setting_a_copy_field: |auth| auth.set_visits(6),
        fresh(r#"- "" [] - 6 null 0"#), changed(r#"7 "Ada" ["admin"] - 6 null 0"#);
    setting_fields_of_every_kind: |auth| {
        auth.set_name("Bob");
        auth.set_roles(["a".to_owned(), "b".to_owned()]);
        auth.set_user_id(8);
        auth.set_theme("dark");
        auth.set_extra(json!([1]));
        auth.set_ratio(0.1);
    }, fresh(r#"8 "Bob" ["a", "b"] dark 0 [1] 0.1"#), changed(r#"8 "Bob" ["a", "b"] dark 5 [1] 0.1"#);
    setting_defaults_differs_only_from_a_cookie: |auth| auth.set_name(""),
        Nothing, changed(r#"7 "" ["admin"] - 5 null 0"#);
    setting_equal_values: |auth| {
        let before = auth.snapshot();
        auth.set_name(before.name);
        auth.set_roles(before.roles);
        auth.set_visits(before.visits);
        auth.set_user_id(before.user_id);
        auth.set_extra(before.extra);
    }, Nothing, Nothing;
    setting_and_setting_back: |auth| {
        let before = auth.visits();
        auth.set_visits(99);
        auth.set_visits(before);
    }, Nothing, Nothing;
    setting_a_field_of_this_request_only: |auth| auth.set_scratch(9), Nothing, Nothing;

    updating_fields_of_every_kind: |auth| {
        auth.update_visits(|visits| *visits += 1);
        auth.update_roles(|roles| roles.push("x".to_owned()));
        auth.update_name(|name| name.push('!'));
        auth.update_user_id(|id| *id = Some(id.unwrap_or(1) + 1));
    }, fresh(r#"2 "!" ["x"] - 1 null 0"#), changed(r#"8 "Ada!" ["admin", "x"] - 6 null 0"#);
    updating_the_struct: |auth| auth.update(|auth| auth.name.insert(0, '>')),
        fresh(r#"- ">" [] - 0 null 0"#), changed(r#"7 ">Ada" ["admin"] - 5 null 0"#);
    updating_without_a_change: |auth| {
        auth.update_name(|_| ());
        auth.update(|_| ());
    }, Nothing, Nothing;
    clearing_an_option: |auth| auth.clear_user_id(),
        Nothing, changed(r#"- "Ada" ["admin"] - 5 null 0"#);
    taking_an_option: |auth| {
        let expected = (auth.info().origin() == SessionOrigin::Restored).then_some(7);
        assert_eq!(auth.take_user_id(), expected);
        assert_eq!(auth.user_id(), None);
    }, Nothing, changed(r#"- "Ada" ["admin"] - 5 null 0"#);
    replacing_the_value: |auth| auth.replace(ada()),
        fresh(r#"7 "Ada" ["admin"] dark 5 null 0.5"#), changed(r#"7 "Ada" ["admin"] dark 5 null 0.5"#);
    replacing_the_value_by_an_equal_one: |auth| auth.replace(auth.snapshot()), Nothing, Nothing;

    touch: |auth| auth.touch(), fresh(EMPTY), changed(ADA);
    regenerate: |auth| auth.regenerate(), Nothing, Sent::Set {
        id: New, created: Kept, seen: New, unknown: false, fields: r#"- "" [] - 5 null 0"#,
    };
    regenerate_keeping: |auth| auth.regenerate_keeping(&[AuthField::Name]), Nothing, Sent::Set {
        id: New, created: Kept, seen: New, unknown: false, fields: r#"- "Ada" [] - 0 null 0"#,
    };
    regenerate_keeping_nothing: |auth| auth.regenerate_keeping(&[]), Nothing, Sent::Set {
        id: New, created: Kept, seen: New, unknown: false, fields: EMPTY,
    };
    sign_in: |auth| auth.sign_in(), fresh(EMPTY), Sent::Set {
        id: New, created: New, seen: New, unknown: false, fields: r#"- "" [] - 5 null 0"#,
    };
    sign_in_and_set: |auth| {
        auth.sign_in();
        auth.set_user_id(9);
    }, fresh(r#"9 "" [] - 0 null 0"#), Sent::Set {
        id: New, created: New, seen: New, unknown: false, fields: r#"9 "" [] - 5 null 0"#,
    };
    reauthenticate: |auth| auth.reauthenticate(), fresh(EMPTY), Sent::Set {
        id: New, created: New, seen: New, unknown: true, fields: ADA,
    };
    remember_for: |auth| auth.remember_for(Duration::from_secs(86_400)), fresh(EMPTY), changed(ADA);
    destroy: |auth| auth.destroy(), Removed, Removed;
    destroy_gives_defaults: |auth| {
        auth.destroy();
        assert_eq!(shown(&auth.snapshot()), EMPTY);
        assert!(auth.info().is_destroyed());
        assert_eq!(auth.info().id(), None);
    }, Removed, Removed;
    destroy_and_set: |auth| {
        auth.destroy();
        auth.set_name("Eve");
    }, fresh(r#"- "Eve" [] - 0 null 0"#), fresh(r#"- "Eve" [] - 0 null 0"#);
    destroy_and_set_a_default: |auth| {
        auth.destroy();
        auth.set_name("");
    }, Removed, Removed;
    destroy_and_sign_in: |auth| {
        auth.destroy();
        auth.sign_in();
    }, fresh(EMPTY), fresh(EMPTY);
    destroy_and_regenerate_is_still_a_removal: |auth| {
        auth.destroy();
        auth.regenerate();
    }, Removed, Removed;
    set_and_destroy: |auth| {
        auth.set_name("Eve");
        auth.destroy();
    }, Removed, Removed;
    cookie_options_alone: |auth| {
        let done = auth.cookie_options(|cookie| cookie.max_age(Duration::from_secs(60)));
        assert!(done.is_ok());
    }, Nothing, Nothing;
    without_activity: |auth| auth.without_activity(), Nothing, Nothing;
    without_activity_a_write_leaves_the_idle_clock: |auth| {
        auth.without_activity();
        auth.set_visits(6);
    }, fresh(r#"- "" [] - 6 null 0"#), Sent::Set {
        id: Kept, created: Kept, seen: Kept, unknown: true, fields: r#"7 "Ada" ["admin"] - 6 null 0"#,
    };
    without_activity_touch_is_still_a_touch: |auth| {
        auth.touch();
        auth.without_activity();
    }, fresh(EMPTY), changed(ADA);

    not_a_number: |auth| auth.set_ratio(f64::NAN), Fault, Fault;
    sixty_five_levels: |auth| auth.set_extra(nested(65)), Fault, Fault;
    oversize: |auth| auth.set_name("x".repeat(4000)), Fault, Fault;
}

/// Nested arrays of this depth.
fn nested(levels: usize) -> Value {
    (1..levels).fold(json!([]), |inner, _| json!([inner]))
}
