use secure_session::{SecureSession, SessionGuard};

#[derive(SecureSession)]
struct Auth {
    user_id: Option<u64>,
    name: String,
}

#[derive(SessionGuard)]
#[guard(login = "/login")]
struct SignedIn {
    user_id: u64,
}

fn main() {}
