use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "__Http-auth", http_only = false)]
pub struct Auth {}

fn main() {}
