use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(idle = "13h")]
pub struct Auth {}

fn main() {}
