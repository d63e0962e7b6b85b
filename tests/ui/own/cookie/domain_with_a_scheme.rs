use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "auth", domain = "https://example.com")]
pub struct Auth {}

fn main() {}
