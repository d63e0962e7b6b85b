//! The session of a response, found among its cookies, with what was done to it.

use secure_session::{
    EncodeError, RejectReason, SessionId,
    policy::SameSite,
    test_util::{RequestCookie, ResponseSession, TestSession},
};

use crate::{Visit, ada, codec, codec_with, minutes, response, stored, unknown_key};

#[test]
fn response_stores_removes_or_keeps_a_session() {
    let codec = codec();
    let facts = |session: &ResponseSession<Visit>| {
        let is = [session.is_stored(), session.is_removed()];
        (is, session.is_unchanged(), session.reason())
    };
    let stored = stored(&codec);
    assert_eq!(facts(&stored), ([true, false], false, None));
    assert_eq!(stored.assert_stored().as_stored().unwrap().count, 3);
    assert_eq!(
        format!("{stored:?}"),
        r#"ResponseSession(`__Host-visit`: the response stores {"name":"Ada","count":3})"#
    );

    let removed = response(&codec, &[&codec.removal_cookie()]);
    assert_eq!(facts(&removed), ([false, true], false, None));
    let removed = removed.assert_removed();
    removed.assert_secure(true).assert_path("/");
    assert_eq!(removed.set_cookie(), Some(codec.removal_cookie().as_str()));

    let nothing = response(&codec, &[]);
    assert_eq!(facts(&nothing), ([false, false], true, None));
    assert_eq!(nothing.assert_unchanged().attributes(), None);

    let foreign = RequestCookie::of(&codec, &ada()).sealed_with(&unknown_key());
    let foreign = foreign.pair();
    for (line, reason) in [
        ("__Host-visit=junk; Path=/", RejectReason::Malformed),
        (foreign.as_str(), RejectReason::UnknownKey),
    ] {
        let session = response(&codec, &[line]);
        assert_eq!(facts(&session), ([false, false], false, Some(reason)));
    }

    let visit = TestSession::new(&codec);
    visit.session().set_name("x".repeat(5000));
    let sent = visit.finish();
    assert!(matches!(sent.failure(), Some(EncodeError::TooLarge { .. })));
    assert_eq!(facts(&sent), ([false, false], false, None));
}

#[test]
fn right_cookie_is_found_among_others() {
    let codec = codec();
    let ours = codec
        .set_cookie(&codec.new_session(ada()).unwrap())
        .unwrap();
    let others = [
        "visit=1; Path=/",
        "__Host-visits=2",
        "x__Host-visit=3",
        "junk",
    ];
    for position in 0..=others.len() {
        let mut lines = others.to_vec();
        lines.insert(position, &ours);
        assert_eq!(response(&codec, &lines).stored().name, "Ada");
    }
    response(&codec, &others).assert_unchanged();
    response(&codec, &[&ours, &codec.removal_cookie()]).assert_removed();
    response(&codec, &[&codec.removal_cookie(), &ours]).assert_stored();
}

#[test]
fn removal_of_a_legacy_cookie_is_not_the_sessions_removal() {
    let (codec, _) = codec_with(|policy| {
        policy
            .cookie("visit")
            .remove_legacy_cookie("visit", "/app", None)
            .remove_legacy_cookie("v", "/", None)
    });
    let old = "visit=1; visit=2; v=3";
    let visit = TestSession::from_cookie_header(&codec, old);
    assert_eq!(visit.session().name(), "");
    let sent = visit.finish();
    sent.assert_unchanged();
    let removed: Vec<bool> = ["visit=;", "v=;"]
        .iter()
        .map(|start| {
            sent.legacy_cookie_removals()
                .iter()
                .any(|line| line.starts_with(start))
        })
        .collect();
    assert_eq!(removed, [true, true]);

    let visit = TestSession::from_cookie_header(&codec, old);
    visit.session().set_name("Ada");
    let sent = visit.finish();
    assert_eq!(sent.legacy_cookie_removals().len(), 2);
    let lines = [sent.set_cookie().unwrap()].into_iter();
    let lines: Vec<&str> = lines
        .chain(sent.legacy_cookie_removals().iter().map(String::as_str))
        .collect();
    assert_eq!(response(&codec, &lines).stored().name, "Ada");
}

#[test]
fn every_attribute_can_be_asserted() {
    let (codec, _) = codec_with(|policy| policy.cookie("visit").domain("example.com"));
    let visit = TestSession::new(&codec);
    visit.session().set_name("Ada");
    let options = visit.session().cookie_options(|cookie| {
        let cookie = cookie
            .max_age(minutes(10))
            .path("/app")
            .same_site(SameSite::None);
        cookie.partitioned(true).http_only(false)
    });
    options.unwrap();
    let sent = visit.finish();
    sent.assert_max_age(minutes(10))
        .assert_persistent(true)
        .assert_path("/app")
        .assert_domain("example.com")
        .assert_secure(true)
        .assert_http_only(false)
        .assert_same_site(SameSite::None)
        .assert_partitioned(true);
    assert_eq!(
        sent.attributes(),
        Some("Max-Age=600; Path=/app; Domain=example.com; Secure; SameSite=None; Partitioned")
    );
    assert_eq!(sent.attribute("max-age"), Some("600"));
    assert_eq!(sent.attribute("Secure"), Some(""));
    assert_eq!(sent.attribute("HttpOnly"), None);
}

#[test]
fn id_login_and_expiry_can_be_asserted() {
    let codec = codec();
    let id = SessionId::from_bytes([7; 16]);
    let cookie = RequestCookie::of(&codec, &ada()).id(id);
    let after = |verb: fn(&secure_session::Session<Visit>)| {
        let visit = TestSession::with_cookie(&cookie);
        verb(&visit.session());
        visit.finish()
    };
    let touched = after(|visit| visit.touch());
    touched
        .assert_id(id)
        .assert_not_authenticated()
        .assert_remembered_for(None);
    assert!(!touched.has_new_id(id) && !touched.is_authenticated());

    let regenerated = after(|visit| visit.regenerate());
    regenerated.assert_new_id(id).assert_not_authenticated();
    assert!(regenerated.has_new_id(id));

    let signed_in = after(|visit| {
        visit.sign_in();
        visit.remember_for(minutes(60));
    });
    signed_in
        .assert_new_id(id)
        .assert_authenticated()
        .assert_remembered_for(minutes(60))
        .assert_max_age(minutes(60));
    assert_eq!(signed_in.remembered_for(), Some(minutes(60)));
    assert!(signed_in.is_authenticated());
}

#[test]
fn sent_session_is_as_old_as_the_response() {
    let (codec, clock) = codec_with(|policy| policy);
    let visit = TestSession::new(&codec);
    visit.session().set_name("Ada");
    visit.session().remember_for(minutes(60));
    let sent = visit.finish();
    clock.advance(minutes(61));
    sent.assert_stored().assert_remembered_for(minutes(60));
}
