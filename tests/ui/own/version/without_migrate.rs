use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(version = 2)]
pub struct Auth {}

fn main() {}
