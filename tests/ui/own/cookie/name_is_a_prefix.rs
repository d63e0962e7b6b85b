use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "__Host-")]
pub struct Auth {}

fn main() {}
