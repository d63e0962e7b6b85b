use secure_session::{SecureSession, SessionGuard};

#[derive(SecureSession)]
struct Auth {
    user_id: Option<u64>,
    name: String,
}

#[derive(SessionGuard)]
#[guard(Auth, within = "m", confirm = "/confirm")]
struct Confirmed {
    user_id: u64,
}

fn main() {}
