use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(secure = false)]
pub struct Auth {}

fn main() {}
