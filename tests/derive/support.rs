//! One session type, in a request or outside of one.

use std::rc::Rc;

use actix_secure_session_tests::key;
use actix_web::{App, HttpResponse, test, web};
use secure_session::{
    RejectReason, SecureSession, Session, SessionMiddleware,
    codec::{Codec, Opened},
    test_util::{ResponseSession, request_cookie},
};
use serde_json::{Map, Value};

/// Any JSON object, as a session without other fields.
#[derive(SecureSession)]
struct Members {
    #[session(rest)]
    all: Map<String, Value>,
}

/// Runs a handler on the session of a cookie and returns what the response stores.
pub(crate) fn stored_after<T: SecureSession>(
    value: &T,
    handler: impl Fn(&Session<T>) + 'static,
) -> Option<Opened<T>> {
    let handler = Rc::new(handler);
    let route = web::to(move |session: Session<T>| {
        handler(&session);
        async { HttpResponse::Ok().finish() }
    });
    let sessions = SessionMiddleware::builder(key(1))
        .session::<T>()
        .build()
        .expect("a sound policy");
    let codec = sessions.codec::<T>().expect("registered");
    let cookie = request_cookie(&codec, value);
    actix_web::rt::System::new().block_on(async {
        let app = App::new().wrap(sessions).route("/", route);
        let app = test::init_service(app).await;
        let request = test::TestRequest::get().insert_header(cookie);
        let response = test::call_service(&app, request.to_request()).await;
        let session = ResponseSession::of(&codec, &response);
        (!session.is_unchanged()).then(|| session.stored())
    })
}

/// Reads the session of a cookie; the response must not send a cookie.
pub(crate) fn read<T: SecureSession>(value: &T, handler: impl Fn(&Session<T>) + 'static) {
    assert!(
        stored_after(value, handler).is_none(),
        "reading sent a cookie"
    );
}

/// The JSON object that is stored for a value.
pub(crate) fn json_of<T: SecureSession>(value: &T) -> Value {
    let codec = codec::<T>();
    let text = codec.seal(value).expect("a value that can be stored");
    let opened = members(&codec).open(text).expect("the same key and name");
    Value::Object(opened.into_value().all)
}

/// The session read from a stored JSON object.
pub(crate) fn from_json<T: SecureSession>(json: Value) -> Result<Opened<T>, RejectReason> {
    let Value::Object(all) = json else {
        panic!("a session is an object");
    };
    let codec = codec::<T>();
    let text = members(&codec).seal(&Members { all });
    codec.open(text.expect("a value that can be stored"))
}

fn codec<T: SecureSession>() -> Codec<T> {
    Codec::builder(key(1)).build().expect("a sound policy")
}

/// Reads and writes with another codec.
fn members<T: SecureSession>(codec: &Codec<T>) -> Codec<Members> {
    let name = codec.cookie_name().to_owned();
    Codec::builder(key(1))
        .policy(|policy| policy.cookie(name))
        .build()
        .expect("a sound policy")
}
