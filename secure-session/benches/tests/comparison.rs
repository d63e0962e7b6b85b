//! What the table of README.md says of actix-session: a cell is true as long as its test passes.
//!
//! Redis is represented by a store in memory: only the place of the data differs.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use actix_session::{
    Session, SessionMiddleware,
    config::PersistentSession,
    storage::{
        CookieSessionStore, LoadError, SaveError, SessionKey, SessionStore, UpdateError,
        generate_session_key,
    },
};
use actix_web::{
    App, HttpResponse,
    cookie::{Cookie, CookieJar, Key, time::Duration},
    test::{TestRequest, call_service, init_service, try_call_service},
    web,
};

type State = HashMap<String, String>;

/// A store that keeps its sessions apart from the cookie, as Redis does.
#[derive(Clone, Default)]
struct MemoryStore {
    sessions: Rc<RefCell<HashMap<String, State>>>,
    times_to_live: Rc<RefCell<Vec<Duration>>>,
}

impl SessionStore for MemoryStore {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        Ok(self.sessions.borrow().get(key.as_ref()).cloned())
    }

    async fn save(&self, state: State, ttl: &Duration) -> Result<SessionKey, SaveError> {
        let key = generate_session_key();
        self.times_to_live.borrow_mut().push(*ttl);
        let mut sessions = self.sessions.borrow_mut();
        sessions.insert(key.as_ref().to_owned(), state);
        Ok(key)
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        self.times_to_live.borrow_mut().push(*ttl);
        let mut sessions = self.sessions.borrow_mut();
        sessions.insert(key.as_ref().to_owned(), state);
        Ok(key)
    }

    async fn update_ttl(&self, _: &SessionKey, ttl: &Duration) -> Result<(), anyhow::Error> {
        self.times_to_live.borrow_mut().push(*ttl);
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        self.sessions.borrow_mut().remove(key.as_ref());
        Ok(())
    }
}

/// Sends a request through a middleware; returns what the handler returned and the cookie that the
/// client has then.
async fn send<S: SessionStore + 'static>(
    sessions: SessionMiddleware<S>,
    cookie: Option<&Cookie<'static>>,
    handler: fn(&Session) -> String,
) -> (Option<String>, Option<Cookie<'static>>) {
    let route = web::to(move |session: Session| {
        let body = handler(&session);
        async move { HttpResponse::Ok().body(body) }
    });
    let app = init_service(App::new().wrap(sessions).route("/", route)).await;
    let mut request = TestRequest::get();
    if let Some(cookie) = cookie {
        request = request.cookie(cookie.clone());
    }
    let Ok(response) = try_call_service(&app, request.to_request()).await else {
        return (None, None);
    };
    let cookie = response.response().cookies().next();
    let cookie = cookie.map(Cookie::into_owned);
    let body = actix_web::test::read_body(response).await;
    (String::from_utf8(body.to_vec()).ok(), cookie)
}

fn cookie_sessions(key: &Key) -> SessionMiddleware<CookieSessionStore> {
    SessionMiddleware::new(CookieSessionStore::default(), key.clone())
}

fn user(session: &Session) -> String {
    match session.get::<u64>("user_id") {
        Ok(Some(id)) => id.to_string(),
        Ok(None) => "nobody".to_owned(),
        Err(_) => "another type".to_owned(),
    }
}

fn sign_in(session: &Session) -> String {
    session.insert("user_id", 42).unwrap();
    String::new()
}

fn purge(session: &Session) -> String {
    session.purge();
    String::new()
}

#[actix_web::test]
async fn fields_are_string_keys_whose_types_are_checked_at_run_time() {
    let key = Key::generate();
    let as_text = |session: &Session| {
        session.insert("user_id", "forty-two").unwrap();
        session.insert("usr_id", 42).unwrap(); // a misspelt name
        String::new()
    };
    let (_, cookie) = send(cookie_sessions(&key), None, as_text).await;
    let (shown, _) = send(cookie_sessions(&key), cookie.as_ref(), user).await;
    assert_eq!(shown.as_deref(), Some("another type"));
}

/// No limit: the value has the application's data and nothing that the server could check.
#[actix_web::test]
async fn cookie_session_holds_no_time() {
    let key = Key::generate();
    let (_, cookie) = send(cookie_sessions(&key), None, sign_in).await;
    let mut jar = CookieJar::new();
    jar.add_original(cookie.unwrap());
    let value = jar.private(&key).get("id").expect("encrypted by default");
    assert!(
        value.value().ends_with(r#"{"user_id":"42"}"#),
        "{}",
        value.value()
    );
    assert!(!value.value().contains("expires") && value.value().len() < 40);
}

#[actix_web::test]
async fn cookie_session_lives_on_after_purge() {
    let key = Key::generate();
    let (_, cookie) = send(cookie_sessions(&key), None, sign_in).await;
    send(cookie_sessions(&key), cookie.as_ref(), purge).await;
    let (shown, _) = send(cookie_sessions(&key), cookie.as_ref(), user).await;
    assert_eq!(shown.as_deref(), Some("42"));
}

#[actix_web::test]
async fn stored_session_ends_with_purge() {
    let (store, key) = (MemoryStore::default(), Key::generate());
    let sessions = || SessionMiddleware::new(store.clone(), key.clone());
    let (_, cookie) = send(sessions(), None, sign_in).await;
    let (shown, _) = send(sessions(), cookie.as_ref(), user).await;
    assert_eq!(shown.as_deref(), Some("42"));
    send(sessions(), cookie.as_ref(), purge).await;
    let (shown, _) = send(sessions(), cookie.as_ref(), user).await;
    assert_eq!(shown.as_deref(), Some("nobody"));
}

/// One limit: the store is given a time to live, and nothing else about time.
#[actix_web::test]
async fn stored_session_has_one_time_to_live() {
    let (store, key) = (MemoryStore::default(), Key::generate());
    let lifecycle = PersistentSession::default().session_ttl(Duration::minutes(30));
    let sessions = SessionMiddleware::builder(store.clone(), key)
        .session_lifecycle(lifecycle)
        .build();
    send(sessions, None, sign_in).await;
    assert_eq!(*store.times_to_live.borrow(), [Duration::minutes(30)]);
}

/// One key, so a new one ends every session.
#[actix_web::test]
async fn another_key_logs_everyone_out() {
    let (old, new) = (Key::generate(), Key::generate());
    let (_, cookie) = send(cookie_sessions(&old), None, sign_in).await;
    let (shown, _) = send(cookie_sessions(&new), cookie.as_ref(), user).await;
    assert_eq!(shown.as_deref(), Some("nobody"));

    let store = MemoryStore::default();
    let sessions = |key: &Key| SessionMiddleware::new(store.clone(), key.clone());
    let (_, cookie) = send(sessions(&old), None, sign_in).await;
    let (shown, _) = send(sessions(&new), cookie.as_ref(), user).await;
    assert_eq!(shown.as_deref(), Some("nobody"));
}

/// The handler sees one `Session` per request, whichever middlewares are around it.
#[actix_web::test]
async fn second_middleware_makes_no_second_session() {
    let key = Key::generate();
    let named = |name: &str| {
        SessionMiddleware::builder(CookieSessionStore::default(), key.clone())
            .cookie_name(name.to_owned())
            .build()
    };
    let route = web::to(|one: Session, two: Session| {
        one.insert("theme", "dark").unwrap();
        let both = two.get::<String>("theme").unwrap();
        async move { HttpResponse::Ok().body(both.unwrap_or_default()) }
    });
    let app = App::new()
        .wrap(named("auth"))
        .wrap(named("prefs"))
        .route("/", route);
    let app = init_service(app).await;
    let response = call_service(&app, TestRequest::get().to_request()).await;
    let names: Vec<_> = response
        .response()
        .cookies()
        .map(|c| c.name().to_owned())
        .collect();
    let body = actix_web::test::read_body(response).await;
    assert_eq!(body, "dark");
    assert!(!names.is_empty());
}

#[actix_web::test]
async fn only_a_store_holds_more_than_4_kb() {
    let key = Key::generate();
    let fill = |session: &Session| {
        session.insert("notes", "x".repeat(5000)).unwrap();
        String::new()
    };
    let (response, _) = send(cookie_sessions(&key), None, fill).await;
    assert_eq!(response, None, "an error of the middleware");

    let store = MemoryStore::default();
    let sessions = SessionMiddleware::new(store.clone(), key);
    let (response, cookie) = send(sessions, None, fill).await;
    assert!(response.is_some() && cookie.is_some());
}
