use secure_session::{SecureSession, SessionGuard};

#[derive(SecureSession)]
struct Auth {
    user_id: Option<u64>,
    name: String,
}

#[derive(SessionGuard)]
#[guard(Auth)]
struct SignedIn {
    userid: u64,
}

fn main() {}
