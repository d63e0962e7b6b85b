use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "auth", same_site = "none", secure = false)]
pub struct Auth {}

fn main() {}
