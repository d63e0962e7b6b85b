use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    user: Option<Option<u64>>,
}

fn main() {}
