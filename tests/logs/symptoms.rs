//! The page on symptoms: each symptom is caused here, and the log must contain the lines on the
//! page.

use std::collections::BTreeSet;

use actix_secure_session_tests::logs::Logs;

use crate::{page, revocation, situations};

/// The heading on the page, and the function that logs its lines.
const SYMPTOMS: &[(&str, fn() -> Logs)] = &[
    ("I am logged out after every restart", || {
        both(situations::ephemeral_key, situations::another_key)
    }),
    (
        "Login works, but requests are randomly logged out",
        situations::key_per_worker,
    ),
    ("Login does nothing, or only in some browsers", || {
        both(situations::login_over_http, || {
            situations::over_http("localhost:8080")
        })
    }),
    ("A 500 with an empty body", || {
        both(situations::empty_500, situations::not_a_number)
    }),
    (
        "A 403 with an empty body: a page on another host",
        situations::post_from_another_site,
    ),
    (
        "A 403 with an empty body: behind a proxy",
        situations::post_through_a_proxy,
    ),
    (
        "A 403 with an empty body: `Origin` is `null`",
        situations::post_with_a_null_origin,
    ),
    (
        "A guard responds with JSON in place of a redirect",
        situations::guarded_login,
    ),
    ("A 503 with an empty body", revocation::store_fails),
    (
        "Users are logged out although they have just signed in",
        revocation::revoked_itself,
    ),
    (
        "A logged-out user is logged in again after a restart",
        revocation::revoked_in_request,
    ),
    (
        "Logout works on one worker only",
        revocation::revocations_per_worker,
    ),
    (
        "The session is missing in my middleware",
        situations::middleware_outside,
    ),
    (
        "A session registered in an inner scope is ignored",
        situations::nested_under_one_name,
    ),
    (
        "Everybody is logged out after a deployment or a new key",
        || both(situations::registered, situations::another_key),
    ),
    ("The log keeps reporting an old key", situations::old_key),
    (
        "Visitors are logged out after I changed the struct",
        situations::another_struct,
    ),
    ("Visitors are logged out too early", || {
        both(situations::idle_limit, situations::verbs)
    }),
    (
        "`remember_for` expires earlier than requested",
        situations::remembered_for_years,
    ),
    ("The cookie is too large", || {
        both(situations::near_the_limit, situations::too_large)
    }),
    ("A 502 from a proxy", situations::near_the_limit),
    (
        "A 400 that never reaches the application",
        situations::near_the_limit,
    ),
    (
        "A change made after the response began is lost",
        situations::late_write,
    ),
    (
        "Values set before `sign_in` are lost",
        situations::setters_before_sign_in,
    ),
    ("One tab undoes another tab's changes", situations::two_tabs),
    ("An old cookie shadows the new one", || {
        both(
            situations::several_cookies,
            situations::remove_legacy_cookie,
        )
    }),
    ("My own `Set-Cookie` is gone", situations::overridden),
    ("Visitors of the Node application are logged out", || {
        both(situations::node_with_another_key, situations::taken_over)
    }),
    (
        "A cookie made in my test is rejected",
        situations::another_application,
    ),
];

fn both(one: fn() -> Logs, other: fn() -> Logs) -> Logs {
    let logs = Logs::default();
    logs.extend(&one());
    logs.extend(&other());
    logs
}

#[test]
fn log_lines_in_the_pages_are_logged() {
    for (heading, situation) in SYMPTOMS {
        page::expect_lines(page::TROUBLESHOOTING, heading, &situation());
    }
    let rotation = both(situations::old_key, situations::opened);
    page::expect_lines(page::KEYS, "When to remove the old key", &rotation);
}

#[test]
fn every_symptom_has_cause_log_fix_and_a_test() {
    let sections = page::sections(page::TROUBLESHOOTING);
    let headings = sections.keys().copied().collect::<BTreeSet<_>>();
    let tested = SYMPTOMS.iter().map(|(heading, _)| *heading);
    assert_eq!(headings, tested.collect());
    for (heading, section) in sections {
        for part in ["**Cause.**", "**Log.**", "**Fix.**"] {
            assert_eq!(section.matches(part).count(), 1, "{heading}: {part}");
        }
    }
}
