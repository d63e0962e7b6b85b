use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    csrf: String,
}

fn main() {}
