use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "auth" idle = "30m")]
pub struct Auth {}

fn main() {}
