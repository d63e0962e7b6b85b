use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(absolute = "none")]
pub struct Auth {}

fn main() {}
