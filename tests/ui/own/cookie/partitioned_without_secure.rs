use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "auth", partitioned, secure = false)]
pub struct Auth {}

fn main() {}
