use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[session(accessor = "update")]
    last_change: u64,
}

fn main() {}
