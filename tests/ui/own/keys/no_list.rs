use secure_session::SecureSession;

#[derive(SecureSession)]
#[session]
#[session = "auth"]
pub struct Auth {}

fn main() {}
