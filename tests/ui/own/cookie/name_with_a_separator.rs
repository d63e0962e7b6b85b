use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "shop/auth")]
pub struct Auth {}

fn main() {}
