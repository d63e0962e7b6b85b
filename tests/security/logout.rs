//! A logout or a new login is not undone by a later failure in the request.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use actix_secure_session_tests::{
    T0,
    app::{Answer, block_on},
    jar::SetCookie,
    key, ring,
};
use actix_web::{
    App, Error, HttpResponse,
    error::ErrorBadRequest,
    http::header::COOKIE,
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{
    SecureSession, Session, SessionMiddleware, codec::Codec, policy::FastifyMigration,
    test_util::TestClock,
};

#[derive(SecureSession)]
struct Auth {
    name: String,
    ratio: f64,
}

#[derive(SecureSession)]
#[session(format = "fastify", cookie = "node")]
struct Node {
    name: String,
    ratio: f64,
}

/// Ways in which storing a session can fail.
#[derive(Clone, Copy, Debug)]
enum Failure {
    TooLarge,
    NotANumber,
    Random,
}

const FAILURES: [Failure; 3] = [Failure::TooLarge, Failure::NotANumber, Failure::Random];

/// An application whose random generator fails on request.
struct Site {
    sessions: SessionMiddleware,
    fails: Arc<AtomicBool>,
}

impl Site {
    fn new() -> Self {
        let fails = Arc::new(AtomicBool::new(false));
        let works = Arc::clone(&fails);
        let sessions = SessionMiddleware::builder(ring(&[1]))
            .session_with::<Auth>(|policy| {
                policy
                    .remove_legacy_cookie("sid", "/", None)
                    .migrate_from_fastify(FastifyMigration::new(key(7)))
            })
            .session_with::<Node>(|policy| policy.keys(key(2)))
            .clock(&TestClock::at(T0))
            .random(move |bytes| {
                bytes.fill(3);
                !works.load(Ordering::SeqCst)
            });
        Self {
            sessions: sessions.build().unwrap(),
            fails,
        }
    }

    fn cookie<T: SecureSession>(&self, value: &T) -> String {
        let codec: Codec<T> = self.sessions.codec().unwrap();
        format!("{}={}", codec.cookie_name(), codec.seal(value).unwrap())
    }

    /// Sends the cookies to a handler that runs `work` and then returns `Ok` or an `Err`.
    fn request<T: SecureSession>(
        &self,
        cookies: &str,
        ends_well: bool,
        work: impl Fn(&Session<T>) + 'static,
    ) -> Answer {
        let work = std::rc::Rc::new(work);
        let route = web::to(move |session: Session<T>| {
            work(&session);
            async move {
                if ends_well {
                    Ok::<_, Error>(HttpResponse::Ok().finish())
                } else {
                    Err(ErrorBadRequest("no"))
                }
            }
        });
        block_on(async {
            let app = App::new().wrap(self.sessions.clone()).route("/", route);
            let app = init_service(app).await;
            let request = TestRequest::get().insert_header((COOKIE, cookies));
            Answer::of(call_service(&app, request.to_request()).await).await
        })
    }
}

fn native(fails: &Arc<AtomicBool>, failure: Failure) -> impl Fn(&Session<Auth>) + 'static {
    let fails = Arc::clone(fails);
    move |auth| match failure {
        Failure::TooLarge => auth.set_name("x".repeat(4000)),
        Failure::NotANumber => auth.set_ratio(f64::NAN),
        Failure::Random => {
            auth.set_name("Eve");
            fails.store(true, Ordering::SeqCst);
        }
    }
}

fn fastify(fails: &Arc<AtomicBool>, failure: Failure) -> impl Fn(&Session<Node>) + 'static {
    let fails = Arc::clone(fails);
    move |node| match failure {
        Failure::TooLarge => node.set_name("x".repeat(4000)),
        Failure::NotANumber => node.set_ratio(f64::NAN),
        Failure::Random => {
            node.set_name("Eve");
            fails.store(true, Ordering::SeqCst);
        }
    }
}

/// The names of the cookies that a 500 removes.
fn removed(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 500);
    assert!(answer.body.is_empty());
    let mut cookies = answer.set_cookies();
    assert!(cookies.iter().all(SetCookie::is_removal), "{cookies:?}");
    cookies.sort_by(|one, other| one.name.cmp(&other.name));
    cookies.into_iter().map(|cookie| cookie.name).collect()
}

fn ada() -> Auth {
    Auth {
        name: "Ada".to_owned(),
        ratio: 0.5,
    }
}

/// C83.
#[test]
fn logout_and_login_remove_the_old_cookie_when_storing_fails() {
    let ends: [fn(&Session<Auth>); 2] = [Session::destroy, Session::sign_in];
    for end in ends {
        for failure in FAILURES {
            for ends_well in [true, false] {
                for cookie in ["opens", "__Host-auth=forged"] {
                    let site = Site::new();
                    let cookie = match cookie {
                        "opens" => site.cookie(&ada()),
                        forged => forged.to_owned(),
                    };
                    let fail = native(&site.fails, failure);
                    let answer = site.request::<Auth>(&cookie, ends_well, move |auth| {
                        end(auth);
                        fail(auth);
                    });
                    assert_eq!(removed(&answer), ["__Host-auth"], "{failure:?}");
                    let cookie = answer.cookie("__Host-auth").unwrap();
                    assert_eq!(cookie.scope(), "httponly=;path=/;samesite=Lax;secure=");
                }
            }
        }
    }
}

/// C83: in the fastify format, a login calls `regenerate`.
#[test]
fn fastify_logout_and_regenerate_remove_the_old_cookie_when_storing_fails() {
    let ends: [fn(&Session<Node>); 3] = [Session::destroy, Session::regenerate, |node| {
        node.regenerate_keeping(&[NodeField::Name]);
    }];
    for end in ends {
        for failure in FAILURES {
            for ends_well in [true, false] {
                let site = Site::new();
                let cookie = site.cookie(&Node {
                    name: "Ada".to_owned(),
                    ratio: 0.5,
                });
                let fail = fastify(&site.fails, failure);
                let answer = site.request::<Node>(&cookie, ends_well, move |node| {
                    end(node);
                    fail(node);
                });
                assert_eq!(removed(&answer), ["node"], "{failure:?}");
            }
        }
    }
}

/// C83.
#[test]
fn failed_logout_removes_legacy_and_migrated_cookies_too() {
    let site = Site::new();
    let node = Codec::<Node>::builder(key(7))
        .policy(|policy| policy.cookie("session"))
        .clock(&TestClock::at(T0))
        .build()
        .unwrap();
    let node = node
        .seal(&Node {
            name: "Ada".to_owned(),
            ratio: 0.5,
        })
        .unwrap();
    for end in [Session::destroy, Session::sign_in] {
        for native_cookie in [None, Some(site.cookie(&ada()))] {
            let mut expected = vec!["session", "sid"];
            let mut cookies = format!("sid=1; session={node}");
            if let Some(native_cookie) = native_cookie {
                expected.insert(0, "__Host-auth");
                cookies = format!("{cookies}; {native_cookie}");
            }
            let answer = site.request::<Auth>(&cookies, true, move |auth| {
                end(auth);
                auth.set_name("x".repeat(4000));
            });
            assert_eq!(removed(&answer), expected);
        }
    }
}

#[test]
fn failed_write_without_a_logout_keeps_the_old_cookie() {
    let site = Site::new();
    let touches: [fn(&Session<Auth>); 4] = [
        |_| {},
        Session::touch,
        Session::reauthenticate,
        Session::regenerate,
    ];
    for touch in touches {
        let answer = site.request::<Auth>(&site.cookie(&ada()), true, move |auth| {
            touch(auth);
            auth.set_name("x".repeat(4000));
        });
        assert!(removed(&answer).is_empty());
    }
}

#[test]
fn login_under_another_path_removes_the_cookie_of_the_configured_path() {
    let site = Site::new();
    let answer = site.request::<Node>(
        &site.cookie(&Node {
            name: "Ada".to_owned(),
            ratio: 0.5,
        }),
        true,
        |node| {
            node.regenerate();
            node.set_name("Eve");
            node.cookie_options(|cookie| cookie.path("/account"))
                .unwrap();
        },
    );
    assert_eq!(answer.status, 200);
    let cookies = answer.set_cookies();
    let scopes: Vec<_> = cookies
        .iter()
        .map(|it| (it.is_removal(), it.scope()))
        .collect();
    let scope = |path| format!("httponly=;path={path};samesite=Lax;secure=");
    assert_eq!(scopes, [(false, scope("/account")), (true, scope("/"))]);
}

/// A cookie that does not open is kept until something is written.
#[test]
fn regenerate_that_sends_nothing_keeps_a_forged_cookie() {
    let site = Site::new();
    let answer = site.request::<Node>("node=forged", true, Session::regenerate);
    assert_eq!(answer.status, 200);
    assert!(answer.set_cookies().is_empty());
}
