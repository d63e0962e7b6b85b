//! The cost of a guard: a GET that takes one, compared with a GET that reads the same field of the
//! session.

use actix_web::{
    App, HttpResponse,
    test::{TestRequest, init_service},
    web,
};
use secure_session::{
    SecureSession, Session, SessionGuard, SessionMiddleware, test_util::signed_in_cookie,
};

use crate::{apps::typed::key, measure::Case, target::time};

#[derive(SecureSession)]
struct Auth {
    user_id: Option<u64>,
}

#[derive(SessionGuard)]
#[guard(Auth, login = "/login")]
struct SignedIn {
    user_id: u64,
}

/// The paths of the two routes.
const ROUTES: [&str; 2] = ["session", "guard"];

pub fn name(route: &str) -> String {
    format!("guards/{route}")
}

pub fn names() -> impl Iterator<Item = String> {
    ROUTES.into_iter().map(name)
}

pub fn cases() -> Vec<Case> {
    ROUTES.map(case).into()
}

fn case(route: &'static str) -> Case {
    Case::timed(name(route), move |count| {
        Box::pin(async move {
            let sessions = SessionMiddleware::builder(key(1)).session::<Auth>().build();
            let sessions = sessions.expect("the session has no misuse");
            let codec = sessions.codec::<Auth>().expect("registered");
            let cookie = signed_in_cookie(&codec, &Auth { user_id: Some(7) });
            let app = App::new().wrap(sessions);
            let app = match route {
                "guard" => app.route("/", web::get().to(with_guard)),
                _ => app.route("/", web::get().to(with_session)),
            };
            let app = init_service(app).await;
            let request = || {
                TestRequest::get()
                    .insert_header(cookie.clone())
                    .to_request()
            };
            time(&app, count, request).await
        })
    })
}

async fn with_session(auth: Session<Auth>) -> HttpResponse {
    assert_eq!(auth.user_id(), Some(7));
    HttpResponse::Ok().finish()
}

async fn with_guard(user: SignedIn) -> HttpResponse {
    assert_eq!(user.user_id, 7);
    HttpResponse::Ok().finish()
}
