//! Methods of other session libraries.

use secure_session::{SecureSession, Session};

#[derive(SecureSession)]
struct Auth {
    user_id: Option<u64>,
}

fn handler(auth: Session<Auth>) {
    auth.purge();
    auth.logout();
    auth.insert("user_id", 42);
    auth.get("user_id");
    auth.renew();
    auth.remove("user_id");
}

fn main() {}
