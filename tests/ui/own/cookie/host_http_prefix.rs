use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = "__Host-Http-auth", http_only = false, path = "/shop")]
pub struct Auth {}

fn main() {}
