//! What newcomers pass as keys.

use secure_session::{Key, SecureSession, SessionMiddleware, codec::Codec};

#[derive(SecureSession)]
struct Auth {
    user_id: Option<u64>,
}

fn main() {
    SessionMiddleware::builder("secret");
    SessionMiddleware::builder([0; 32]);
    SessionMiddleware::builder(Key::generate());
    Codec::<Auth>::builder(b"secret");
    let builder = SessionMiddleware::builder(Key::generate().unwrap());
    builder.session_with::<Auth>(|policy| policy.keys(String::new()));
}
