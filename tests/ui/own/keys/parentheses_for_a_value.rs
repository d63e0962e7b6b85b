use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie("auth"))]
pub struct Auth {}

fn main() {}
