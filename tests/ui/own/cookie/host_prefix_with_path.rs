use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "__Host-auth", path = "/shop")]
pub struct Auth {}

fn main() {}
