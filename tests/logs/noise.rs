//! A client can write only a bounded number of lines above `debug`.

use actix_secure_session_tests::{
    Auth, ada,
    app::Server,
    logs::{Logged, Logs},
};
use secure_session::Session;
use tracing::Level;

use crate::situations::{self, hostile};

fn above_debug(logs: &Logs) -> Vec<Logged> {
    let mut events = logs.events();
    events.retain(|event| event.level < Level::DEBUG);
    events
}

#[test]
fn repeated_cookie_logs_at_most_one_line_above_debug() {
    let server = Server::with_keys(&[1]);
    let valid = server.cookie(&ada());
    let cookies = [
        String::new(),
        "__Host-auth=junk".to_owned(),
        "__Host-auth=junk; ".repeat(50),
        format!("__Host-auth=; {valid}; {valid}"),
        format!("__Host-auth={}", "A".repeat(6000)),
        Server::with_keys(&[7]).cookie(&ada()),
        valid[..valid.len() - 1].to_owned(),
    ];
    for cookie in cookies {
        let above = above_debug(&hostile(&cookie));
        let names: Vec<_> = above.iter().map(|event| event.name).collect();
        // Occurs once in the life of a middleware, and depends on the client's own headers.
        assert_eq!(names, ["session.secure_cookie_over_http"], "{cookie}");
    }
}

#[test]
fn events_that_users_can_trigger_log_once_above_debug() {
    let rows: [fn(&Session<Auth>); 4] = [
        |auth| auth.set_name("x".repeat(2400)),
        |auth| auth.remember_for(std::time::Duration::ZERO),
        |auth| {
            auth.set_name("Bob");
            auth.sign_in();
        },
        |auth| {
            auth.set_name("Bob");
            auth.regenerate_keeping(&[]);
        },
    ];
    for (index, row) in rows.into_iter().enumerate() {
        let server = Server::default();
        let ((), logs) = Logs::of(|| (0..20).for_each(|_| drop(server.auth("", row))));
        assert_eq!(above_debug(&logs).len(), 1, "{index}");
    }
}

#[test]
fn old_struct_is_logged_once_above_debug() {
    let logs = situations::another_struct();
    assert_eq!(above_debug(&logs).len(), 1);
    assert_eq!(logs.named("session.schema_mismatch").len(), 2);
}

#[test]
fn ordinary_visit_logs_nothing_above_debug() {
    for situation in [
        situations::registered,
        situations::no_cookie,
        situations::opened,
        situations::stored,
        situations::refreshed,
        situations::verbs,
        situations::taken_over,
        situations::remove_legacy_cookie,
        situations::two_tabs,
    ] {
        let above = above_debug(&situation());
        assert!(above.is_empty(), "{above:?}");
    }
}
