use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "auth", domain = "bücher.example")]
pub struct Auth {}

fn main() {}
