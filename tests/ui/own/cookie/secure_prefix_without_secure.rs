use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "__Secure-auth", secure = false)]
pub struct Auth {}

fn main() {}
