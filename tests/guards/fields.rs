//! What a guard takes from the session.

use actix_secure_session_tests::{app::Answer, app::block_on};
use actix_web::{
    App,
    test::{call_service, init_service},
    web,
};
use secure_session::{
    Denied, SecureSession as _, Session, SessionGuard, SessionOrigin, test_util::RequestCookie,
};

use crate::support::{Auth, Server, get};

#[derive(SessionGuard)]
#[guard(Auth)]
struct Everything {
    name: String,
    teams: Vec<String>,
    extra: serde_json::Value,
    #[guard(value)]
    roles: Vec<String>,
    #[guard(value)]
    visits: u32,
    #[guard(session)]
    auth: Session<Auth>,
}

async fn handler(guard: Everything) -> String {
    let Everything {
        name,
        teams,
        extra,
        roles,
        visits,
        auth,
    } = guard;
    auth.set_visits(visits + 1);
    format!("{name} {teams:?} {extra} {roles:?} {visits}")
}

fn full() -> Auth {
    let mut auth = Auth::defaults();
    auth.name = Some("Ada".to_owned());
    auth.teams = Some(vec!["red".to_owned()]);
    auth.extra = Some(serde_json::json!({"a": 1}));
    auth.roles = vec!["admin".to_owned()];
    auth.visits = 6;
    auth
}

fn send(server: &Server, auth: &Auth) -> Answer {
    let cookie = RequestCookie::of(&server.codec(), auth).pair();
    let request = get("/", &[("Cookie", &cookie)]);
    server.send_to(request, |config| {
        config.route("/", web::get().to(handler));
    })
}

#[test]
fn fields_have_the_values_of_the_session() {
    let server = Server::new();
    let answer = send(&server, &full());
    let body = String::from_utf8(answer.body.clone()).unwrap();
    assert_eq!(body, r#"Ada ["red"] {"a":1} ["admin"] 6"#);
    let sent = answer.cookie("__Host-auth").unwrap();
    assert_eq!(server.codec().open(&sent.value).unwrap().visits, 7);
}

#[test]
fn each_missing_option_denies_the_request() {
    let server = Server::new();
    let removals: [fn(&mut Auth); 3] = [
        |auth| auth.name = None,
        |auth| auth.teams = None,
        |auth| auth.extra = None,
    ];
    for remove in removals {
        let mut auth = full();
        remove(&mut auth);
        assert_eq!(send(&server, &auth).status, 401);
    }
}

#[test]
fn result_of_a_guard_has_the_reason_and_option_is_none() {
    let server = Server::new();
    let handler = |guard: Result<Everything, Denied>, option: Option<Everything>| async move {
        let expected = Denied::NotSignedIn {
            origin: SessionOrigin::New,
        };
        assert_eq!(guard.err(), Some(expected));
        assert!(option.is_none());
        "fine"
    };
    let answer = block_on(async {
        let app = App::new()
            .wrap(server.sessions.clone())
            .route("/", web::get().to(handler));
        let app = init_service(app).await;
        Answer::of(call_service(&app, get("/", &[]).to_request()).await).await
    });
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("Cache-Control"), None);
}
