use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(idle = "none", refresh = "5m")]
pub struct Auth {}

fn main() {}
