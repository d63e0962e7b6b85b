use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "auth", path = "shop")]
pub struct Auth {}

fn main() {}
