use secure_session::{SecureSession, SessionGuard};

#[derive(SecureSession)]
struct Auth {
    user_id: Option<u64>,
    name: String,
}

impl Auth {
    fn is_admin(self) -> u64 {
        self.user_id.unwrap_or_default()
    }
}

#[derive(SessionGuard)]
#[guard(Auth, when = Auth::is_admin)]
struct Admin {
    user_id: u64,
}

fn main() {}
