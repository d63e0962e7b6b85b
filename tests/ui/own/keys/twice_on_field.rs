use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[session(rename = "uid", rename = "id")]
    user_id: u64,
}

fn main() {}
