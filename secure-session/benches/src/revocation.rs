//! The cost of a revocable session: a GET that reads it, with a million revoked sessions in the list,
//! and with revoked groups. Only with the feature `revocation`, because it changes the library.

use std::sync::OnceLock;

use actix_web::{
    App, HttpResponse,
    http::header::HeaderName,
    test::{TestRequest, init_service},
    web,
};
use secure_session::{
    Revocations, SecureSession, Session, SessionId, SessionMiddleware, test_util::signed_in_cookie,
};
use serde::Serialize;

use crate::{
    apps::typed::key,
    measure::{Case, Cost, Measured},
    target::time,
};

/// The revoked sessions in the list.
const ENTRIES: u64 = 1_000_000;

/// The same fields, with and without `revocable`.
macro_rules! session {
    ($name:ident, [$($attributes:meta),*], [$($group:meta),*]) => {
        #[derive(SecureSession)]
        $(#[$attributes])*
        struct $name {
            #[session(identity)]
            user_id: Option<u64>,
            $(#[$group])*
            tenant: Option<String>,
            name: String,
        }

        impl $name {
            fn of_ada() -> Self {
                Self {
                    user_id: Some(7),
                    tenant: Some("north".to_owned()),
                    name: "Ada".to_owned(),
                }
            }
        }
    };
}

session!(Plain, [], []);
session!(Revocable, [session(revocable)], [session(revoke_by)]);

/// The kinds of requests: without a session, and with each kind of session.
const KINDS: [&str; 4] = ["none", "plain", "revocable", "groups"];

pub fn name(kind: &str) -> String {
    format!("revocation/{kind}")
}

/// The costs of reading: plain, revocable, and with revoked groups, compared with no session.
#[derive(Debug, Serialize)]
pub struct Costs {
    plain: Cost,
    revocable: Cost,
    groups: Cost,
}

pub fn costs(measured: &Measured) -> Costs {
    let none = measured.get(&name("none"));
    let [plain, revocable, groups] =
        ["plain", "revocable", "groups"].map(|kind| Cost::added(measured.get(&name(kind)), none));
    Costs {
        plain,
        revocable,
        groups,
    }
}

impl Costs {
    pub fn print(&self) {
        let over = |cost: Cost| cost.median / self.plain.median;
        println!(
            "\nreading a session {:.3}, a revocable one {:.3} ({:.2}), with revoked groups {:.3} ({:.2})",
            self.plain.median,
            self.revocable.median,
            over(self.revocable),
            self.groups.median,
            over(self.groups)
        );
    }
}

pub fn names() -> impl Iterator<Item = String> {
    KINDS.into_iter().map(name)
}

pub fn cases() -> Vec<Case> {
    KINDS.map(case).into()
}

fn case(kind: &'static str) -> Case {
    Case::timed(name(kind), move |count| {
        Box::pin(async move {
            let sessions = sessions(kind);
            let cookie = cookie(kind, sessions);
            let app = App::new().wrap(sessions.clone());
            let app = match kind {
                "none" => app.route("/", web::get().to(HttpResponse::Ok)),
                "plain" => app.route("/", web::get().to(plain)),
                _ => app.route("/", web::get().to(revocable)),
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

/// Returns the middleware of a kind, which is made once.
fn sessions(kind: &str) -> &'static SessionMiddleware {
    static SESSIONS: [OnceLock<SessionMiddleware>; KINDS.len()] =
        [const { OnceLock::new() }; KINDS.len()];
    let index = KINDS.iter().position(|other| *other == kind);
    SESSIONS[index.expect("a kind")].get_or_init(|| make_sessions(kind))
}

fn make_sessions(kind: &str) -> SessionMiddleware {
    let revocations = Revocations::in_memory();
    let sessions = SessionMiddleware::builder(key(1))
        .revocations(&revocations)
        .session_with::<Plain>(|policy| policy.cookie("__Host-plain"))
        .session_with::<Revocable>(|policy| policy.cookie("__Host-revoc"))
        .build()
        .expect("the sessions have no misuse");
    if matches!(kind, "revocable" | "groups") {
        for number in 0..ENTRIES {
            // As evenly distributed as random ids.
            let id = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            let id = SessionId::from_bytes(id.to_be_bytes());
            drop(revocations.revoke_session::<Revocable>(id));
        }
    }
    if kind == "groups" {
        for user_id in 1000..2000 {
            drop(revocations.revoke_all(RevocableSelector::UserId(user_id)));
        }
    }
    sessions
}

fn cookie(kind: &str, sessions: &SessionMiddleware) -> (HeaderName, String) {
    if kind == "plain" {
        let codec = sessions.codec::<Plain>().expect("registered");
        signed_in_cookie(&codec, &Plain::of_ada())
    } else {
        let codec = sessions.codec::<Revocable>().expect("registered");
        signed_in_cookie(&codec, &Revocable::of_ada())
    }
}

async fn plain(session: Session<Plain>) -> HttpResponse {
    assert_eq!(session.user_id(), Some(7));
    HttpResponse::Ok().finish()
}

async fn revocable(session: Session<Revocable>) -> HttpResponse {
    assert_eq!(session.user_id(), Some(7));
    HttpResponse::Ok().finish()
}
