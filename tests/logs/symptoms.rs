//! The page on symptoms: each is brought about here, and the log has the lines that the page shows.
//!
//! A new symptom needs a section of the page and a line in the table below.

use std::collections::BTreeSet;

use actix_secure_session_tests::logs::Logs;

use crate::{page, situations};

macro_rules! symptoms {
    ($($test:ident: $heading:literal => $situation:expr;)+) => {
        const HEADINGS: &[&str] = &[$($heading),+];

        $(
            #[test]
            fn $test() {
                let situation: fn() -> Logs = $situation;
                page::expect_lines(page::TROUBLESHOOTING, $heading, &situation());
            }
        )+
    };
}

symptoms! {
    a_restart_logs_everybody_out: "I am logged out after every restart"
        => || both(situations::ephemeral_key, situations::another_key);
    every_other_request_is_logged_out: "Login works, and every other request is logged out"
        => situations::key_per_worker;
    login_does_nothing: "Login does nothing"
        => situations::login_over_http;
    it_works_on_localhost_only: "It works on localhost and not on the server"
        => || situations::over_http("shop.example");
    safari_forgets_the_login: "It works in one browser and not in Safari on localhost"
        => || situations::over_http("localhost:8080");
    an_empty_500: "A 500 with an empty body"
        => situations::empty_500;
    the_session_is_empty_in_a_middleware: "The session is missing in my middleware"
        => situations::asked_too_early;
    an_inner_session_is_not_served: "The session of an inner scope is not served"
        => situations::nested_under_one_name;
    a_deployment_logs_everybody_out: "Everybody is logged out after a deployment or a new key"
        => || both(situations::registered, situations::another_key);
    an_old_key_is_still_in_use: "Is the old key still in use?"
        => situations::old_key;
    a_change_of_the_struct_logs_visitors_out: "Visitors are logged out after I changed the struct"
        => situations::another_struct;
    visitors_are_logged_out_too_early: "Visitors are logged out too early"
        => || both(situations::idle_limit, situations::verbs);
    remember_me_ends_early: "`remember_for` ends earlier than I said"
        => situations::remembered_for_years;
    the_cookie_is_too_large: "The cookie is too large"
        => || both(situations::near_the_limit, situations::too_large);
    a_value_cannot_be_stored: "A value cannot be stored"
        => situations::not_a_number;
    a_late_change_is_lost: "A change made after the response began is lost"
        => situations::late_write;
    what_was_set_before_the_login_is_gone: "What I set before `sign_in` is gone"
        => situations::setters_before_sign_in;
    one_tab_undoes_another: "One tab undoes what another did"
        => situations::two_tabs;
    an_old_cookie_shadows_the_new_one: "An old cookie shadows the new one"
        => || both(situations::several_cookies, situations::formerly);
    my_own_cookie_is_replaced: "My own `Set-Cookie` is gone"
        => situations::overridden;
    node_visitors_are_logged_out: "Visitors of the Node application are logged out"
        => || both(situations::node_with_another_key, situations::taken_over);
    a_cookie_of_a_test_does_not_open: "A cookie that my test made does not open"
        => situations::another_application;
}

fn both(one: fn() -> Logs, other: fn() -> Logs) -> Logs {
    let logs = Logs::default();
    logs.extend(&one());
    logs.extend(&other());
    logs
}

#[test]
fn the_page_and_the_tests_have_the_same_symptoms() {
    let page: BTreeSet<&str> = page::sections(page::TROUBLESHOOTING).into_keys().collect();
    let tests: BTreeSet<&str> = HEADINGS.iter().copied().collect();
    assert_eq!(page, tests);
    assert_eq!(tests.len(), HEADINGS.len(), "each once");
}

#[test]
fn every_symptom_has_a_cause_a_line_of_the_log_and_a_remedy() {
    for (heading, section) in page::sections(page::TROUBLESHOOTING) {
        for part in ["**Cause.**", "**Log.**", "**Remedy.**"] {
            assert_eq!(section.matches(part).count(), 1, "{heading}: {part}");
        }
        assert!(!page::names(section).is_empty(), "{heading}");
    }
}
