//! Set-Cookie: what a browser makes of it, what is refused, what is removed.

use std::time::Duration;

use actix_secure_session_tests::{
    ABSOLUTE, Auth, IDLE, Prefs, T0, ada,
    app::{Answer, Server},
    ring,
};
use secure_session::{
    ConfigError, EncodeError, Session, SessionMiddleware,
    policy::{CookieOptions, Policy, SameSite},
    test_util::TestClock,
};

use crate::support::jar::{Jar, Url};

const SITE: Url = Url {
    secure: true,
    host: "www.example.com",
    path: "/app/page",
};

fn configured(change: impl FnOnce(Policy) -> Policy) -> Result<SessionMiddleware, ConfigError> {
    let builder = SessionMiddleware::builder(ring(&[1]));
    builder.session_with::<Auth>(change).build()
}

fn server(change: impl FnOnce(Policy) -> Policy) -> Server {
    let builder = SessionMiddleware::builder(ring(&[1]));
    let builder = builder.session_with::<Auth>(change).session::<Prefs>();
    Server::of(&TestClock::at(T0), builder)
}

/// The only `Set-Cookie` header, as it stands there.
fn header(answer: &Answer) -> String {
    let mut cookies = answer.set_cookies();
    assert_eq!(cookies.len(), 1);
    cookies.remove(0).text
}

/// C22: the default header, read as a browser reads it.
#[test]
fn a_browser_reads_the_default_header_as_it_is_meant() {
    let server = Server::default();
    let text = header(&server.auth("", |auth| auth.set_name("Ada")));
    let attributes: Vec<&str> = text.split("; ").skip(1).collect();
    assert_eq!(attributes, ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"]);
    let mut jar = Jar::default();
    assert!(jar.receive(&text, SITE));
    let cookies = jar.cookies();
    let [cookie] = cookies[..] else {
        panic!("one cookie");
    };
    assert_eq!(cookie.name, "__Host-auth");
    assert_eq!((cookie.path.as_str(), cookie.host_only), ("/", true));
    assert_eq!(cookie.domain, SITE.host);
    assert!(cookie.secure && cookie.http_only && !cookie.partitioned);
    assert_eq!(cookie.same_site.as_deref(), Some("lax"));
    assert_eq!(cookie.lifetime, None, "it ends with the browser");
    assert_eq!(server.codec().open(&cookie.value).unwrap().name, "Ada");
    let plain = Url {
        secure: false,
        ..SITE
    };
    assert!(!Jar::default().receive(&text, plain), "not over plain http");
    let other_port_or_host = Url {
        host: "example.com",
        ..SITE
    };
    assert_eq!(jar.send(other_port_or_host), "");
}

type Change = fn(Policy) -> Policy;

/// C23: what a browser would refuse is refused by `build()`, under every spelling of a prefix.
#[test]
fn what_a_browser_would_refuse_is_refused_by_build() {
    let rows: [(&[&str], &[Change]); 5] = [
        (
            &[
                "__Host-a",
                "__host-a",
                "__HOST-a",
                "__Host-Http-a",
                "__hOSt-hTTp-a",
            ],
            &[
                |p| p.domain("example.com"),
                |p| p.path("/app"),
                |p| p.secure(false),
            ],
        ),
        (
            &["__Secure-a", "__secure-a", "__SECURE-a"],
            &[|p| p.secure(false)],
        ),
        (
            &[
                "__Http-a",
                "__http-a",
                "__HTTP-a",
                "__Host-Http-a",
                "__HOST-HTTP-a",
            ],
            &[|p| p.http_only(false), |p| p.secure(false)],
        ),
        (
            &["a", "auth"],
            &[
                |p| p.same_site(SameSite::None).secure(false),
                |p| p.partitioned(true).secure(false),
            ],
        ),
        (
            &["a"],
            &[|p| p.path("/;a"), |p| p.path("/\r\nb"), |p| p.domain("a;b")],
        ),
    ];
    for (names, changes) in rows {
        for name in names {
            let sound = configured(|policy| policy.cookie(*name));
            assert!(sound.is_ok(), "{name}: {sound:?}");
            for (index, change) in changes.iter().enumerate() {
                let err = configured(|policy| change(policy.cookie(*name))).unwrap_err();
                assert_eq!(err.problems().len(), 1, "{name}, change {index}: {err}");
                assert!(err.to_string().contains(&format!("`{name}`")), "{err}");
            }
        }
    }
}

type Options = fn(CookieOptions) -> CookieOptions;

/// C23: the same through the attributes of one response; what was refused takes no effect.
#[test]
fn what_a_browser_would_refuse_is_refused_for_one_response() {
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
            }
            auth.touch();
        });
        let tail = |text: &str| text.split_once(';').map(|(_, tail)| tail.to_owned());
        assert_eq!(tail(&header(&answer)), tail(&expected), "{name}");
        assert!(Jar::default().receive(&header(&answer), SITE), "{name}");
    }
}

/// A name and a length of the text at which name, `=` and value have exactly this many bytes.
fn sized(size: usize) -> (String, usize) {
    for letters in 1..5 {
        let cookie = format!("__Host-{}", "a".repeat(letters));
        let server = server(|policy| policy.cookie(&cookie));
        for len in 2800..3000 {
            let value = Auth {
                name: "x".repeat(len),
                ..ada()
            };
            let sealed = match server.codec().seal(&value) {
                Ok(text) => cookie.len() + 1 + text.len(),
                Err(EncodeError::TooLarge { size, limit, .. }) => {
                    assert_eq!(limit, 4096);
                    size
                }
                Err(other) => panic!("{other}"),
            };
            if sealed == size {
                return (cookie, len);
            }
        }
    }
    panic!("no session of {size} bytes");
}

/// C25: byte by byte over the limit. What fits is sent whole; what does not is an error that the
/// handler can ask for before, an empty 500 without a cookie, and the old cookie stays.
#[test]
fn a_cookie_of_4096_bytes_is_sent_whole_and_one_byte_more_is_an_error() {
    for size in 4094..=4098 {
        let (cookie, len) = sized(size);
        let server = server(|policy| policy.cookie(&cookie));
        let mut jar = Jar::default();
        jar.receive(&header(&server.auth("", |auth| auth.replace(ada()))), SITE);
        let before = jar.send(SITE);
        let answer = server.auth(&before, move |auth| {
            assert_eq!(auth.name(), "Ada");
            auth.set_name("x".repeat(len));
            assert_eq!(auth.info().encoded_len().unwrap(), size);
        });
        if size <= 4096 {
            assert_eq!(answer.status, 200, "{size}");
            assert!(jar.receive(&header(&answer), SITE), "{size}");
            assert_eq!(jar.send(SITE).len(), size);
            server.auth(&jar.send(SITE), move |auth| {
                assert_eq!(auth.name().len(), len);
            });
        } else {
            assert_eq!(answer.status, 500, "{size}");
            assert!(
                answer.body.is_empty() && answer.set_cookies().is_empty(),
                "{size}"
            );
            server.auth(&before, |auth| assert_eq!(auth.name(), "Ada"));
        }
    }
}

/// C27: a logout removes the cookie from the browser, whatever its attributes, and repeats them.
#[test]
fn a_logout_removes_the_cookie_from_the_browser_whatever_its_attributes() {
    let rows: [(Change, bool); 10] = [
        (|p| p, true),
        (|p| p.cookie("__Secure-a").domain("example.com"), true),
        (|p| p.cookie("a").path("/app"), true),
        (
            |p| p.cookie("a").path("/app").domain("www.example.com"),
            true,
        ),
        (|p| p.partitioned(true).same_site(SameSite::None), true),
        (|p| p.cookie("__Host-Http-a"), true),
        (
            |p| p.cookie("__Http-a").domain("example.com").path("/app"),
            true,
        ),
        (|p| p.persistent(true).same_site(SameSite::Strict), true),
        (
            |p| p.http_only(false).same_site(SameSite::Unspecified),
            true,
        ),
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
        assert_eq!(jar.send(site), "", "row {index}");
        assert!(jar.cookies().is_empty(), "row {index}");
        let [set, removed] = [set, removed].map(|answer| answer.set_cookies().remove(0));
        assert_eq!(set.scope(), removed.scope(), "row {index}");
        assert_eq!(removed.max_age(), Some(0), "row {index}");
    }
}

/// C27: the attributes of one response are those of its removal, too.
#[test]
fn a_logout_with_attributes_of_its_own_removes_the_cookie_that_had_them() {
    let server = server(|policy| policy.cookie("a"));
    let options: [Options; 3] = [
        |c| c.path("/app"),
        |c| c.domain("example.com"),
        |c| c.partitioned(true).same_site(SameSite::None),
    ];
    for (index, change) in options.into_iter().enumerate() {
        let answers: [fn(&Session<Auth>); 2] = [|auth| auth.touch(), |auth| auth.destroy()];
        let mut jar = Jar::default();
        for verb in answers {
            let answer = server.auth("", move |auth| {
                auth.cookie_options(change).unwrap();
                verb(auth);
            });
            assert!(jar.receive(&header(&answer), SITE), "options {index}");
        }
        assert!(jar.cookies().is_empty(), "options {index}");
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

/// C30: no Max-Age of any size panics, and none is beyond the session's end or 400 days.
#[test]
fn no_max_age_is_beyond_the_end_of_the_session() {
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let server = server(|policy| policy.persistent(true));
    assert_eq!(max_age(&server, "", None), Ok(Some(1800)));
    assert_eq!(max_age(&server, "", seconds(1)), Ok(Some(1)));
    assert_eq!(max_age(&server, "", seconds(1800)), Ok(Some(1800)));
    for refused in [0, 1801, 400 * 86_400 + 1, u64::MAX] {
        assert!(max_age(&server, "", seconds(refused)).is_err(), "{refused}");
    }
    assert!(max_age(&server, "", Some(Duration::MAX)).is_err());
    assert!(max_age(&server, "", Some(Duration::from_nanos(1))).is_err());
}

/// C30: a configured lifetime of zero, of part of a second or beyond 400 days is refused, and what
/// a login asks for is cut.
#[test]
fn no_configured_lifetime_is_beyond_400_days() {
    let day = 86_400;
    for refused in [
        Duration::ZERO,
        Duration::from_millis(1500),
        Duration::from_secs(400 * day + 1),
        Duration::MAX,
    ] {
        let err = configured(|policy| policy.persistent(true).idle(None).absolute(refused));
        assert!(err.is_err(), "{refused:?}");
    }
    let longest = Duration::from_secs(400 * day);
    let server = server(|policy| policy.persistent(true).idle(None).absolute(longest));
    assert_eq!(max_age(&server, "", None), Ok(Some(400 * 86_400)));
    assert_eq!(max_age(&server, "", Some(longest)), Ok(Some(400 * 86_400)));
    for asked in [Duration::ZERO, longest, longest * 2, Duration::MAX] {
        let answer = server.auth("", move |auth| auth.remember_for(asked));
        let sent = answer.cookie("__Host-auth").unwrap().max_age().unwrap();
        assert!((1..=400 * 86_400).contains(&sent), "{asked:?}: {sent}");
    }
}

/// C30: near the absolute end the cookie has what is left, and no more can be asked for.
#[test]
fn near_the_absolute_end_max_age_is_what_is_left() {
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
