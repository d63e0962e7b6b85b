//! A browser keeps cookies from one request to the next until they expire.

use actix_secure_session_tests::{Prefs, T0, app::block_on, ring};
use actix_web::{
    App, HttpResponse,
    dev::ServiceResponse,
    http::header::SET_COOKIE,
    test::{TestRequest, init_service},
    web,
};
use secure_session::{
    SecureSession, Session, SessionMiddleware,
    codec::Codec,
    test_util::{RequestCookie, TestBrowser, TestClock},
};

use crate::{ada, codec_with, minutes};

/// A response with these `Set-Cookie` headers, to a request for this path.
fn response(path: &str, lines: &[&str]) -> ServiceResponse {
    let mut response = HttpResponse::Ok();
    for line in lines {
        response.append_header((SET_COOKIE, *line));
    }
    let request = TestRequest::get().uri(path);
    request.to_srv_response(response.finish())
}

fn browser_with(lines: &[&str]) -> (TestBrowser, TestClock) {
    let clock = TestClock::at(T0);
    let mut browser = TestBrowser::at(&clock);
    browser.receive(&response("/shop/basket", lines));
    (browser, clock)
}

#[test]
fn cookie_with_the_same_name_path_and_domain_is_replaced() {
    let (mut browser, _) = browser_with(&["a=1; Path=/", "a=2; Path=/shop", "b=3; Path=/"]);
    assert_eq!(browser.cookie_header("/shop/x").unwrap(), "a=2; a=1; b=3");
    browser.receive(&response(
        "/",
        &["a=4; Path=/", "b=5; Path=/; Domain=example.com"],
    ));
    assert_eq!(
        browser.cookie_header("/shop").unwrap(),
        "a=2; a=4; b=3; b=5"
    );
    browser.receive(&response(
        "/",
        &["a=; Max-Age=0; Path=/shop", "b=; Max-Age=0; Path=/"],
    ));
    assert_eq!(browser.cookie_header("/shop").unwrap(), "a=4; b=5");
    assert_eq!(browser.cookie("b"), Some("5"));
    assert_eq!(browser.cookie("c"), None);
}

#[test]
fn cookie_is_sent_only_to_its_path_and_below() {
    let (browser, _) = browser_with(&["a=1; Path=/shop", "b=2", "c=3; Path=/shop/", "d=4; Path=x"]);
    for (path, expected) in [
        ("/", None),
        ("/shopping", None),
        ("/shop", Some("a=1; b=2; d=4")),
        ("/shop/", Some("c=3; a=1; b=2; d=4")),
        ("/shop/x", Some("c=3; a=1; b=2; d=4")),
    ] {
        assert_eq!(browser.cookie_header(path).as_deref(), expected, "{path}");
    }
}

#[test]
fn cookie_expires_when_its_response_said() {
    let (browser, clock) = browser_with(&[
        "a=1",
        "b=2; Max-Age=60",
        "c=3; Expires=Fri, 15 Jan 2027 08:02:00 GMT",
        "d=4; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "e=5; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    ]);
    for (seconds, expected) in [
        (0, "a=1; b=2; c=3; d=4"),
        (59, "a=1; b=2; c=3; d=4"),
        (60, "a=1; c=3"),
        (119, "a=1; c=3"),
        (120, "a=1"),
    ] {
        clock.set(T0 + seconds);
        assert_eq!(
            browser.cookie_header("/shop").unwrap(),
            expected,
            "{seconds}"
        );
    }
}

#[test]
fn only_persistent_cookies_survive_a_restart_of_the_browser() {
    let (visit, clock) = codec_with(|policy| policy);
    let prefs = Codec::<Prefs>::builder(ring(&[1])).clock(&clock);
    let prefs = prefs.build().unwrap();
    let mut browser = TestBrowser::at(&clock);
    browser.put(&RequestCookie::of(&visit, &ada()));
    browser.put(&RequestCookie::of(&prefs, &Prefs::defaults()));
    browser.restart();
    assert!(browser.cookie("__Host-visit").is_none() && browser.cookie("prefs").is_some());

    browser.put(&RequestCookie::of(&visit, &ada()).remembered_for(minutes(60)));
    browser.restart();
    assert!(browser.cookie("__Host-visit").is_some());
    clock.advance(minutes(60));
    assert!(browser.cookie("__Host-visit").is_none());
}

#[test]
fn debug_shows_cookie_names_without_values() {
    let (browser, _) = browser_with(&["a=secret; Path=/"]);
    let text = format!("{browser:?}");
    assert!(
        text.contains("a; Path=/") && !text.contains("secret"),
        "{text}"
    );
}

/// The session is strict, so it needs one of the headers.
#[test]
fn requests_come_from_the_own_origin_unless_they_say_otherwise() {
    #[derive(SecureSession)]
    #[session(cross_origin = "strict")]
    struct Auth {
        visits: u32,
    }

    let builder = SessionMiddleware::builder(ring(&[1]));
    let sessions = builder.session::<Auth>().build().unwrap();
    let handler = web::post().to(|auth: Session<Auth>| async move {
        auth.touch();
        HttpResponse::Ok().finish()
    });
    block_on(async {
        let app = init_service(App::new().wrap(sessions).route("/", handler)).await;
        let mut browser = TestBrowser::new();
        let rows: [(Option<(&str, &str)>, u16); 4] = [
            (None, 200),
            (Some(("Sec-Fetch-Site", "cross-site")), 403),
            (Some(("Origin", "http://localhost:8080")), 200),
            (Some(("Origin", "https://evil.example")), 403),
        ];
        for (header, status) in rows {
            let mut request = TestRequest::post().insert_header(("Host", "localhost:8080"));
            if let Some(header) = header {
                request = request.insert_header(header);
            }
            let response = browser.call(&app, request).await;
            assert_eq!(response.status(), status, "{header:?}");
        }
    });
}
