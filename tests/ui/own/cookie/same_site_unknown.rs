use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(same_site = "loose")]
pub struct Auth {}

fn main() {}
