//! Set-Cookie: how browsers read it, what is rejected, what is removed.

use std::time::Duration;

use actix_secure_session_tests::{
    ABSOLUTE, Auth, IDLE, Prefs, T0, ada,
    app::{Answer, Server},
    jar::{Cookie, Jar, SITE, Url},
    key,
    meant::{self, Meant},
    ring,
};
use secure_session::{
    SessionMiddleware,
    policy::{CookieOptions, FastifyMigration, Policy, SameSite},
    test_util::TestClock,
};
use serde_json::json;

fn server(change: impl FnOnce(Policy) -> Policy) -> Server {
    let builder = SessionMiddleware::builder(ring(&[1]));
    let builder = builder.session_with::<Auth>(change).session::<Prefs>();
    Server::of(&TestClock::at(T0), builder)
}

/// The only `Set-Cookie` header, unchanged.
fn header(answer: &Answer) -> String {
    let mut cookies = answer.set_cookies();
    assert_eq!(cookies.len(), 1);
    cookies.remove(0).text
}

/// C22: the default header restricts the cookie to its host and to encrypted connections.
#[test]
fn browser_reads_the_default_header_as_meant() {
    let server = Server::default();
    let text = header(&server.auth("", |auth| auth.set_name("Ada")));
    let attributes: Vec<&str> = text.split("; ").skip(1).collect();
    assert_eq!(attributes, ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"]);
    let plain = Url {
        secure: false,
        ..SITE
    };
    assert!(!Jar::default().receive(&text, plain), "not over plain http");
    let mut jar = Jar::default();
    assert!(jar.receive(&text, SITE));
    assert_eq!(jar.send(SITE), text.split_once(';').unwrap().0);
    assert_eq!(jar.send(plain), "");
    let other_host = Url {
        host: "example.com",
        ..SITE
    };
    assert_eq!(jar.send(other_host), "");
}

/// C22, C23, C27: a browser accepts every combination of attributes that `build()` accepts, reads
/// it as meant, and the removal with these attributes removes the cookie.
#[test]
fn browser_reads_every_accepted_header_as_meant() {
    let all = meant::all();
    assert!(all.len() > 100, "{}", all.len());
    let mut jar = Jar::default();
    // The removal is received after the header that stores the cookie.
    for Meant { header, cookie } in all {
        let read = Cookie::parse(&header, SITE).unwrap_or_else(|| panic!("ignored: {header}"));
        assert!(jar.receive(&header, SITE));
        assert_eq!(jar.cookies().is_empty(), read.is_over(), "{header}");
        let read = json!({
            "name": read.name,
            "value": read.value,
            "path": read.path,
            "domain": (!read.host_only).then_some(read.domain),
            "secure": read.secure,
            "httpOnly": read.http_only,
            "sameSite": read.same_site,
            "partitioned": read.partitioned,
            "maxAge": read.lifetime.map(|time| time.as_secs()),
        });
        assert_eq!(read, cookie, "{header}");
    }
}

type Options = fn(CookieOptions) -> CookieOptions;

/// C23: attributes for one response that a browser would reject are rejected and take no effect.
#[test]
fn attributes_that_a_browser_rejects_are_rejected_for_one_response() {
    let rows: [(&'static str, &'static [Options]); 5] = [
        (
            "__Host-a",
            &[
                |c| c.domain("example.com"),
                |c| c.path("/app"),
                |c| c.secure(false),
            ],
        ),
        ("__Secure-a", &[|c| c.secure(false)]),
        ("__Http-a", &[|c| c.http_only(false), |c| c.secure(false)]),
        (
            "__Host-Http-a",
            &[|c| c.http_only(false), |c| c.path("/app")],
        ),
        (
            "a",
            &[
                |c| c.same_site(SameSite::None).secure(false),
                |c| c.partitioned(true).secure(false),
                |c| c.path("/;a"),
                |c| c.domain("a b"),
            ],
        ),
    ];
    for (name, changes) in rows {
        let server = server(|policy| policy.cookie(name));
        let expected = header(&server.auth("", |auth| auth.touch()));
        let answer = server.auth("", move |auth| {
            for change in changes {
                let err = auth.cookie_options(change).unwrap_err();
                assert_eq!(err.problems().len(), 1, "{name}: {err}");
                let begin = format!("cookie options of session `{name}`: ");
                assert!(err.to_string().starts_with(&begin), "{err}");
            }
            auth.touch();
        });
        let tail = |text: &str| text.split_once(';').map(|(_, tail)| tail.to_owned());
        assert_eq!(tail(&header(&answer)), tail(&expected), "{name}");
        assert!(Jar::default().receive(&header(&answer), SITE), "{name}");
    }
}

/// C25: byte by byte around the limit. A session that fits is sent whole. One that does not fit is
/// an error that the handler can check for in advance, or an empty 500 without a cookie; the old
/// cookie is kept.
#[test]
fn cookie_of_4096_bytes_is_sent_and_one_byte_more_is_an_error() {
    const LEN: usize = 2800;
    let large = Auth {
        name: "x".repeat(LEN),
        ..ada()
    };
    let value_len = Server::default().codec().seal(&large).unwrap().len();
    for size in 4094..=4098 {
        // Lengths of values increase in steps, lengths of names do not.
        let cookie = format!("{:a<1$}", "__Host-", size - value_len - 1);
        let server = server(|policy| policy.cookie(&cookie));
        let mut jar = Jar::default();
        jar.take(&server.auth("", |auth| auth.replace(ada())));
        let before = jar.header();
        let answer = server.auth(&before, move |auth| {
            assert_eq!(auth.name(), "Ada");
            auth.set_name("x".repeat(LEN));
            assert_eq!(auth.info().encoded_len().unwrap(), size);
        });
        if size <= 4096 {
            assert_eq!(answer.status, 200, "{size}");
            jar.take(&answer);
            assert_eq!(jar.header().len(), size);
            server.auth(&jar.header(), |auth| assert_eq!(auth.name().len(), LEN));
        } else {
            assert_eq!(answer.status, 500, "{size}");
            assert!(answer.body.is_empty(), "{size}");
            assert!(answer.set_cookies().is_empty(), "{size}");
            server.auth(&before, |auth| assert_eq!(auth.name(), "Ada"));
        }
    }
}

/// C25: a cookie name that leaves no room for a session is rejected when the server starts, and
/// every session with the longest name can be stored.
#[test]
fn cookie_name_without_room_for_a_session_is_rejected_at_build() {
    for len in [1025, 4000, 4095, 70_000] {
        let builder = SessionMiddleware::builder(ring(&[1]));
        let named = builder.session_with::<Auth>(|policy| policy.cookie("a".repeat(len)));
        let err = named.build().unwrap_err();
        let expected = format!("the cookie name has {len} bytes and must not have more than 1024");
        assert!(err.to_string().contains(&expected), "{len}");
    }
    let server = server(|policy| policy.cookie("a".repeat(1024)));
    let answer = server.auth("", |auth| auth.replace(ada()));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.set_cookies().len(), 1);
}

/// C25: a legacy cookie needs no room for a session, but must be one that browsers can have.
#[test]
fn legacy_cookie_name_may_be_as_long_as_browsers_keep() {
    for (len, accepted) in [(1025, true), (4095, true), (4096, false)] {
        let builder = || SessionMiddleware::builder(ring(&[1]));
        let name = "a".repeat(len);
        let legacy = builder()
            .session_with::<Auth>(|policy| policy.remove_legacy_cookie(&name, "/", None))
            .build();
        assert_eq!(legacy.is_ok(), accepted, "{len}");
        let migrated = builder()
            .session_with::<Auth>(|policy| {
                policy.migrate_from_fastify(FastifyMigration {
                    cookie: name.clone(),
                    ..FastifyMigration::new(key(9))
                })
            })
            .build();
        assert_eq!(migrated.is_ok(), accepted, "{len}");
    }
}

type Change = fn(Policy) -> Policy;

/// C27: a logout removes the cookie from the browser, regardless of its attributes.
#[test]
fn logout_removes_the_cookie_with_any_attributes() {
    let rows: [(Change, bool); 6] = [
        (|p| p, true),
        (|p| p.cookie("__Secure-a").domain("example.com"), true),
        (|p| p.cookie("a").path("/app"), true),
        (|p| p.partitioned(true).same_site(SameSite::None), true),
        (|p| p.cookie("__Host-Http-a").persistent(true), true),
        (|p| p.cookie("a").secure(false), false),
    ];
    for (index, (change, secure)) in rows.into_iter().enumerate() {
        let server = server(change);
        let site = Url { secure, ..SITE };
        let mut jar = Jar::default();
        let [set, removed] = [
            server.auth("", |auth| auth.set_name("Ada")),
            server.auth("", |auth| auth.destroy()),
        ];
        assert!(jar.receive(&header(&set), site), "row {index}");
        assert!(!jar.send(site).is_empty(), "row {index}");
        assert!(jar.receive(&header(&removed), site), "row {index}");
        assert!(jar.cookies().is_empty(), "row {index}");
    }
}

fn max_age(server: &Server, cookies: &str, asked: Option<Duration>) -> Result<Option<i64>, String> {
    let (sender, receiver) = std::sync::mpsc::channel();
    let answer = server.auth(cookies, move |auth| {
        let set = asked.map_or(Ok(()), |time| auth.cookie_options(|c| c.max_age(time)));
        sender.send(set.map_err(|err| err.to_string())).unwrap();
        auth.touch();
    });
    receiver.recv().unwrap()?;
    Ok(answer.cookie("__Host-auth").unwrap().max_age())
}

/// C30: no Max-Age of any size panics, and none exceeds the session's expiry or 400 days.
#[test]
fn no_max_age_exceeds_the_expiry_of_the_session() {
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let transient = Server::default();
    assert_eq!(max_age(&transient, "", seconds(1800)), Ok(Some(1800)));
    assert_eq!(max_age(&transient, "", None), Ok(None), "the next response");
    let answer = transient.auth("", |auth| {
        auth.cookie_options(|c| c.persistent(true)).unwrap();
        auth.touch();
    });
    assert_eq!(answer.set_cookies()[0].max_age(), Some(1800));
    let server = server(|policy| policy.persistent(true));
    assert_eq!(max_age(&server, "", None), Ok(Some(1800)));
    assert_eq!(max_age(&server, "", seconds(1)), Ok(Some(1)));
    assert_eq!(max_age(&server, "", seconds(1800)), Ok(Some(1800)));
    let rows = [
        (Duration::ZERO, "destroy()"),
        (Duration::from_nanos(1), "destroy()"),
        (Duration::from_millis(1500), "destroy()"),
        (Duration::from_secs(1801), "remember_for"),
        (Duration::from_secs(400 * 86_400 + 1), "remember_for"),
        (Duration::MAX, "remember_for"),
    ];
    for (refused, remedy) in rows {
        let err = max_age(&server, "", Some(refused)).unwrap_err();
        assert!(err.contains(remedy), "{refused:?}: {err}");
    }
}

/// C30: the longest configured lifetime is sent as 400 days, and a longer one that a login requests
/// is cut.
#[test]
fn no_lifetime_exceeds_400_days() {
    let longest = Duration::from_secs(400 * 86_400);
    let server = server(|policy| policy.persistent(true).idle(None).absolute(longest));
    assert_eq!(max_age(&server, "", None), Ok(Some(400 * 86_400)));
    assert_eq!(max_age(&server, "", Some(longest)), Ok(Some(400 * 86_400)));
    for (asked, sent) in [
        (Duration::ZERO, 1),
        (longest, 400 * 86_400),
        (longest * 2, 400 * 86_400),
        (Duration::MAX, 400 * 86_400),
    ] {
        let answer = server.auth("", move |auth| auth.remember_for(asked));
        assert_eq!(answer.set_cookies()[0].max_age(), Some(sent), "{asked:?}");
    }
}

/// C30: near the absolute limit the cookie has the remaining time, and a login cannot request more.
#[test]
fn max_age_near_the_absolute_limit_is_the_remaining_time() {
    let server = server(|policy| policy.persistent(true));
    let mut cookie = server.cookie(&ada());
    let mut keep_alive = |until: u64| {
        while server.clock.now() < until {
            server.clock.set((server.clock.now() + IDLE / 2).min(until));
            let answer = server.auth(&cookie, |auth| auth.touch());
            cookie = format!(
                "__Host-auth={}",
                answer.cookie("__Host-auth").unwrap().value
            );
        }
        cookie.clone()
    };
    for left in [100, 2, 1] {
        let cookie = keep_alive(T0 + ABSOLUTE - left);
        let left = i64::try_from(left).unwrap();
        assert_eq!(max_age(&server, &cookie, None), Ok(Some(left)));
        let beyond = Duration::from_secs(left.unsigned_abs() + 1);
        assert!(max_age(&server, &cookie, Some(beyond)).is_err(), "{left}");
    }
}
