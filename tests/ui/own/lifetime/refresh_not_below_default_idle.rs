use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(refresh = "1h")]
pub struct Auth {}

fn main() {}
