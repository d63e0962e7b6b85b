use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth;

fn main() {}
