use secure_session::{SecureSession, SessionGuard};

#[derive(SecureSession)]
struct Auth {
    user_id: Option<u64>,
}

#[derive(SessionGuard)]
#[guard(Auth, login = "/login?next=/account")]
struct SignedIn {
    user_id: u64,
}

fn main() {}
