use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(idle = "none", absolute = "2000d")]
pub struct Auth {}

fn main() {}
