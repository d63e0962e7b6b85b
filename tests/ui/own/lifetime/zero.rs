use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(idle = "0m")]
pub struct Auth {}

fn main() {}
