//! The handle: reads stay valid and writes go through `&self`, in any order and on any thread.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod closures;
mod cost;
mod threads;
mod values;

use std::{cell::RefCell, rc::Rc};

use actix_secure_session_tests::{app::block_on, ring};
use actix_web::{
    App, HttpResponse, test::TestRequest, test::call_service, test::init_service, web,
};
use secure_session::{
    SecureSession, Session, SessionMiddleware, codec::Opened, test_util::ResponseSession,
};

/// Runs `test` in a handler with a session of this type and returns what was stored.
fn in_handler<T: SecureSession>(test: impl FnOnce(&Session<T>) + 'static) -> Option<Opened<T>> {
    let sessions = SessionMiddleware::builder(ring(&[1]))
        .session::<T>()
        .build()
        .unwrap();
    let codec = sessions.codec::<T>().unwrap();
    let test = Rc::new(RefCell::new(Some(test)));
    let route = web::to(move |session: Session<T>| {
        let test = test.take().unwrap();
        test(&session);
        std::future::ready(HttpResponse::Ok().finish())
    });
    block_on(async {
        let app = init_service(App::new().wrap(sessions).route("/", route)).await;
        let response = call_service(&app, TestRequest::get().to_request()).await;
        assert_eq!(response.status(), 200);
        let session = ResponseSession::of(&codec, &response);
        session.is_stored().then(|| session.stored())
    })
}
