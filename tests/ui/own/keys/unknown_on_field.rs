use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[session(nmae = "uid")]
    user_id: u64,
}

fn main() {}
