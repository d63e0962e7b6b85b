use secure_session::{SecureSession, Session, SessionGuard};

#[derive(SecureSession)]
struct Auth {
    user_id: Option<u64>,
}

#[derive(SessionGuard)]
#[guard(Auth)]
struct SignedIn {
    user_id: u64,
    #[guard(session, value)]
    auth: Session<Auth>,
}

fn main() {}
