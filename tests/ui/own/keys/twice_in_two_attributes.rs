use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(idle = "30m")]
#[session(idle = "15m")]
pub struct Auth {}

fn main() {}
