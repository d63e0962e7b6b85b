use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(idle = "none", absolute = "99999999999999999999w")]
pub struct Auth {}

fn main() {}
