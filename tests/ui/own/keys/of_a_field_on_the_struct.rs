use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(rename = "uid")]
pub struct Auth {
    user_id: u64,
}

fn main() {}
