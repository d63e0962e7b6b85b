use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(idle = "10m", refresh = "10m")]
pub struct Auth {}

fn main() {}
