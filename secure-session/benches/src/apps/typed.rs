//! This library, with its defaults, in both formats.

use secure_session::Key;

/// An arbitrary key, the same in each process, so that runs do the same work.
pub fn key(first: u8) -> Key {
    // Squares, because `build()` rejects bytes in equal steps.
    let square = |index: u8| index.wrapping_mul(index);
    let bytes: Vec<u8> = (0..32)
        .map(|index| first.wrapping_add(square(index)))
        .collect();
    Key::from_bytes(bytes).expect("32 bytes are a key")
}

/// A session in one of the formats, and its routes. `$begins` is the login method of that format,
/// and a refresh is due after `$idle`.
macro_rules! typed {
    ($begins:ident, $idle:expr, $session:item) => {
        use actix_web::{HttpResponse, web};
        use secure_session::{
            SecureSession, Session, SessionMiddleware, test_util::RequestCookie,
        };
        use serde::Serialize;

        use super::key;
        use crate::account::{EMAIL, NAME, THEME, USER_ID, VISITS, roles};

        $session

        pub fn sessions() -> SessionMiddleware {
            SessionMiddleware::builder(key(1))
                .session::<Stored>()
                .build()
                .expect("the session has no misuse")
        }

        /// `name=value` of a session whose refresh is due.
        pub fn idle_pair() -> String {
            let codec = sessions().codec::<Stored>().expect("registered");
            let stored = Stored {
                user_id: USER_ID,
                name: NAME.to_owned(),
                email: EMAIL.to_owned(),
                roles: roles().into_iter().map(Into::into).collect(),
                theme: THEME.to_owned(),
                visits: VISITS,
            };
            RequestCookie::of(&codec, &stored).idle_for($idle).pair()
        }

        pub fn routes(config: &mut web::ServiceConfig) {
            config
                .route("/unused", web::get().to(unused))
                .route("/read", web::get().to(read))
                .route("/refresh", web::get().to(read))
                .route("/count", web::get().to(count))
                .route("/login", web::get().to(login))
                // After the measured routes, because actix-web tries routes in order.
                .route("/begin", web::get().to(begin))
                .route("/show", web::get().to(show));
        }

        async fn begin(session: Session<Stored>) -> HttpResponse {
            session.set_user_id(USER_ID);
            session.set_name(NAME);
            session.set_email(EMAIL);
            session.set_roles(roles());
            session.set_theme(THEME);
            session.set_visits(VISITS);
            HttpResponse::Ok().finish()
        }

        async fn show(session: Session<Stored>) -> HttpResponse {
            HttpResponse::Ok().json(session.snapshot())
        }

        async fn unused() -> HttpResponse {
            HttpResponse::Ok().finish()
        }

        async fn read(session: Session<Stored>) -> HttpResponse {
            if session.user_id() == USER_ID && session.name() == NAME {
                HttpResponse::Ok().finish()
            } else {
                HttpResponse::Unauthorized().finish()
            }
        }

        async fn count(session: Session<Stored>) -> HttpResponse {
            session.set_visits(session.visits() + 1);
            HttpResponse::Ok().finish()
        }

        async fn login(session: Session<Stored>) -> HttpResponse {
            session.$begins();
            session.set_user_id(USER_ID);
            session.set_name(NAME);
            session.set_email(EMAIL);
            session.set_roles(roles());
            session.set_theme(THEME);
            HttpResponse::Ok().finish()
        }
    };
}

pub mod native {
    typed! {
        sign_in,
        std::time::Duration::from_mins(10),
        #[derive(SecureSession, Clone, Serialize)]
        #[session(cookie = "__Host-account")]
        pub struct Stored {
            user_id: u64,
            name: String,
            email: String,
            roles: Vec<String>,
            theme: String,
            visits: u32,
        }
    }

    pub fn pure_rust_sessions() -> SessionMiddleware {
        SessionMiddleware::builder(key(1))
            .pure_rust_cipher()
            .session::<Stored>()
            .build()
            .expect("the session has no misuse")
    }
}

pub mod fastify {
    typed! {
        regenerate,
        std::time::Duration::from_secs(20_000),
        #[derive(SecureSession, Clone, Serialize)]
        #[session(format = "fastify")]
        pub struct Stored {
            user_id: u64,
            name: String,
            email: String,
            roles: Vec<String>,
            theme: String,
            visits: u32,
        }
    }
}
