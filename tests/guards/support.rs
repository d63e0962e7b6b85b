//! An application with guards.

use actix_secure_session_tests::{
    T0,
    app::{Answer, block_on},
    key,
};
use actix_web::{
    App, HttpResponse,
    test::{TestRequest, call_service, init_service},
    web::{self, ServiceConfig},
};
use secure_session::{
    ReturnTo, SecureSession, Session, SessionGuard, SessionMiddleware, SessionMiddlewareBuilder,
    codec::Codec,
    test_util::{RequestCookie, TestClock},
};

/// A session with fields of each kind that a guard can take.
#[derive(SecureSession, Debug, Clone, PartialEq)]
pub(crate) struct Auth {
    #[session(accessor = "user")]
    user_id: Option<u64>,
    pub(crate) name: Option<String>,
    pub(crate) teams: Option<Vec<String>>,
    pub(crate) extra: Option<serde_json::Value>,
    pub(crate) roles: Vec<String>,
    pub(crate) visits: u32,
}

impl Auth {
    fn is_admin(&self) -> bool {
        self.roles.iter().any(|role| role == "admin")
    }
}

#[derive(SessionGuard, Debug)]
#[guard(Auth, login = "/login")]
pub(crate) struct SignedIn {
    pub(crate) user: u64,
}

#[derive(SessionGuard, Debug)]
#[guard(Auth, login = "/login", when = Auth::is_admin)]
pub(crate) struct Admin {
    pub(crate) user: u64,
}

#[derive(SessionGuard, Debug)]
#[guard(Auth, login = "/login", within = "5m", confirm = "/confirm")]
pub(crate) struct Confirmed {
    pub(crate) user: u64,
}

/// For applications without pages.
#[derive(SessionGuard, Debug)]
#[guard(Auth, within = "5m")]
pub(crate) struct Api {
    pub(crate) user: u64,
}

/// The server, whose clock the test sets.
pub(crate) struct Server {
    pub(crate) clock: TestClock,
    pub(crate) sessions: SessionMiddleware,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(
        change: impl FnOnce(SessionMiddlewareBuilder) -> SessionMiddlewareBuilder,
    ) -> Self {
        let clock = TestClock::at(T0);
        let builder = SessionMiddleware::builder(key(1)).clock(&clock);
        let sessions = change(builder.session::<Auth>()).build().unwrap();
        Self { clock, sessions }
    }

    pub(crate) fn codec(&self) -> Codec<Auth> {
        self.sessions.codec().unwrap()
    }

    /// The cookie of a user who signed in this many seconds ago.
    pub(crate) fn cookie(&self, seconds: u64, roles: &[&str]) -> String {
        let auth = Auth {
            user_id: Some(7),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            ..Auth::defaults()
        };
        let age = std::time::Duration::from_secs(seconds);
        RequestCookie::of(&self.codec(), &auth)
            .signed_in()
            .age(age)
            .pair()
    }

    /// Sends a request to the routes.
    pub(crate) fn send(&self, request: TestRequest) -> Answer {
        self.send_to(request, routes)
    }

    /// Sends a request to these routes.
    pub(crate) fn send_to(&self, request: TestRequest, routes: fn(&mut ServiceConfig)) -> Answer {
        block_on(async {
            let app = App::new().wrap(self.sessions.clone()).configure(routes);
            let app = init_service(app).await;
            Answer::of(call_service(&app, request.to_request()).await).await
        })
    }
}

fn routes(config: &mut ServiceConfig) {
    config
        .route(
            "/account",
            web::to(|user: SignedIn| async move { user.user.to_string() }),
        )
        .route(
            "/admin",
            web::to(|user: Admin| async move { user.user.to_string() }),
        )
        .route(
            "/secret",
            web::to(|user: Confirmed| async move { user.user.to_string() }),
        )
        .route(
            "/api",
            web::to(|user: Api| async move { user.user.to_string() }),
        )
        .route(
            "/home",
            web::to(|user: Option<SignedIn>| async move { user.is_some().to_string() }),
        )
        .route(
            "/login",
            web::get().to(|_: SignedIn| async { "the login behind its own guard" }),
        )
        .route("/login", web::post().to(login));
}

async fn login(auth: Session<Auth>, to: ReturnTo) -> HttpResponse {
    auth.sign_in();
    auth.set_user(7);
    to.see_other_or("/account")
}

pub(crate) fn get(path: &str, headers: &[(&str, &str)]) -> TestRequest {
    let request = TestRequest::with_uri(path).insert_header(("Host", "shop.example"));
    let add = |request: TestRequest, header: &(&str, &str)| request.append_header(*header);
    headers.iter().fold(request, add)
}
