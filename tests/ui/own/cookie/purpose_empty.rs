use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(purpose = "")]
pub struct Auth {}

fn main() {}
