use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "auth", path = "/shop; Secure")]
pub struct Auth {}

fn main() {}
