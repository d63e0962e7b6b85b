use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(version = "2", migrate)]
pub struct Auth {}

fn main() {}
