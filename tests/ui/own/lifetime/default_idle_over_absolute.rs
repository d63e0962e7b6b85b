use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(absolute = "10m")]
pub struct Auth {}

fn main() {}
