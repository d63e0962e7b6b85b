use secure_session::{KeyRing, Session, SessionMiddleware};

pub struct NotASession {
    name: String,
}

pub async fn handler(_: Session<NotASession>) {}

pub fn builder(keys: KeyRing) {
    let _ = SessionMiddleware::builder(keys).session::<NotASession>();
}

fn main() {}
