use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cokie = "auth")]
pub struct Auth {}

fn main() {}
