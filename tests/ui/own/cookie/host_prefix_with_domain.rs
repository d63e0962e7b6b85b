use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "__Host-auth", domain = "example.com")]
pub struct Auth {}

fn main() {}
