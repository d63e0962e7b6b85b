use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    into: String,
}

fn main() {}
