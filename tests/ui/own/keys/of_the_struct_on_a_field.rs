use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[session(cookie = "auth")]
    user_id: u64,
}

fn main() {}
