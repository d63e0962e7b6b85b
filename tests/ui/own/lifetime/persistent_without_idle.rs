use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(persistent)]
pub struct Auth {}

fn main() {}
