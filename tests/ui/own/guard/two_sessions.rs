use secure_session::{SecureSession, SessionGuard};

#[derive(SecureSession)]
struct Auth {
    user_id: Option<u64>,
    name: String,
}

#[derive(SessionGuard)]
#[guard(Auth)]
struct SignedIn {
    user_id: u64,
    #[guard(session)]
    auth: secure_session::Session<Auth>,
    #[guard(session)]
    again: secure_session::Session<Auth>,
}

fn main() {}
