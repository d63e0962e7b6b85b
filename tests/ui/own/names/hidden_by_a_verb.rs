use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    touch: u64,
}

fn main() {}
