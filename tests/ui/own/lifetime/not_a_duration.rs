use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(idle = "30 minutes")]
pub struct Auth {}

fn main() {}
