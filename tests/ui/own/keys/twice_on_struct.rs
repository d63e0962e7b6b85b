use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "auth", cookie = "login")]
pub struct Auth {}

fn main() {}
