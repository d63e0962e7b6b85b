use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(version = 2, migrate = "Auth::migrate")]
pub struct Auth {
    #[session(lenient)]
    user_id: u64,
}

fn main() {}
