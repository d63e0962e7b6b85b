use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "")]
pub struct Auth {}

fn main() {}
