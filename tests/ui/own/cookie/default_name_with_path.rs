use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(path = "/shop")]
pub struct Auth {}

fn main() {}
