use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "my session")]
pub struct Auth {}

fn main() {}
