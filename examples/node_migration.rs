//! Moves from @fastify/secure-session to a native session without logging anyone out.
//!
//! ```text
//! cargo run --example node_migration
//! ```
//!
//! A visitor logs in to the Node application and returns after each of three deployments. See the
//! manual's page "Coming from Node" for what to watch for.

use std::{error::Error, time::Duration};

use actix_web::{
    App,
    http::header::{COOKIE, SET_COOKIE},
    test::{TestRequest, call_service, init_service, read_body},
    web,
};
use secure_session::{
    Key, SecureSession, Session, SessionMiddleware, codec::Codec, policy::FastifyMigration,
};

/// First: shared with Node, in its format.
#[derive(SecureSession)]
#[session(format = "fastify", cookie = "session", idle = "1d")]
struct Shared {
    user: Option<String>,
}

/// Then: native, with two limits and a name that no other host can set.
#[derive(SecureSession)]
#[session(cookie = "__Host-visitor", idle = "30m", absolute = "12h")]
struct Visitor {
    user: Option<String>,
}

async fn shared(session: Session<Shared>) -> String {
    greeting(session.user())
}

async fn native(session: Session<Visitor>) -> String {
    greeting(session.user())
}

fn greeting(user: Option<&str>) -> String {
    user.map_or_else(
        || "please log in".to_owned(),
        |user| format!("hello, {user}"),
    )
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // An application reads its keys: KeyRing::from_file("secret-key")? for the file that the tool
    // of the Node package writes, and KeyRing::from_env("SESSION_KEYS")?
    let (node_key, key) = (Key::generate()?, Key::generate()?);

    // The cookie that Node sends at the login.
    let node = Codec::<Shared>::builder(node_key.clone()).build()?;
    let login = Shared {
        user: Some("Zoë".to_owned()),
    };
    let mut browser = Browser(vec![format!("session={}", node.seal(&login)?)]);

    println!("1. Node and Rust share the session.");
    let sessions = SessionMiddleware::builder(node_key.clone())
        .session::<Shared>()
        .build()?;
    browser.visit(sessions, web::get().to(shared)).await?;

    println!("2. Rust serves everything: the session moves with the next visit.");
    let migration = FastifyMigration {
        expiry: Duration::from_secs(86_400),
        ..FastifyMigration::new(node_key)
    };
    let sessions = SessionMiddleware::builder(key.clone())
        .session_with::<Visitor>(|policy| policy.migrate_from_fastify(migration))
        .build()?;
    browser
        .visit(sessions.clone(), web::get().to(native))
        .await?;
    browser.visit(sessions, web::get().to(native)).await?;

    println!("3. A day later all old cookies have expired, and you can destroy the old key.");
    let sessions = SessionMiddleware::builder(key)
        .session::<Visitor>()
        .build()?;
    browser.visit(sessions, web::get().to(native)).await
}

/// The cookies that the browser holds, each as `name=value`.
struct Browser(Vec<String>);

impl Browser {
    async fn visit(
        &mut self,
        sessions: SessionMiddleware,
        page: actix_web::Route,
    ) -> Result<(), Box<dyn Error>> {
        let app = init_service(App::new().wrap(sessions).route("/", page)).await;
        println!("   received:    {}", self.names());
        let request = TestRequest::get().insert_header((COOKIE, self.0.join("; ")));
        let response = call_service(&app, request.to_request()).await;
        for header in response.headers().get_all(SET_COOKIE) {
            let (pair, attributes) = header.to_str()?.split_once("; ").unwrap_or_default();
            let (name, value) = pair.split_once('=').unwrap_or_default();
            self.0
                .retain(|cookie| !cookie.starts_with(&format!("{name}=")));
            if value.is_empty() {
                println!("   removes {name}");
            } else {
                println!("   sets {name}: {attributes}");
                self.0.push(pair.to_owned());
            }
        }
        let page = read_body(response).await;
        println!("   page:        {}", String::from_utf8_lossy(&page));
        println!("   cookies now: {}\n", self.names());
        Ok(())
    }

    fn names(&self) -> String {
        let names = self.0.iter().filter_map(|cookie| cookie.split('=').next());
        names.collect::<Vec<_>>().join(", ")
    }
}
