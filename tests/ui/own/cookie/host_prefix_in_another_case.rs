use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "__host-auth", secure = false)]
pub struct Auth {}

fn main() {}
