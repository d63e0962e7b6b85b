use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(domain = "example.com")]
pub struct Auth {}

fn main() {}
