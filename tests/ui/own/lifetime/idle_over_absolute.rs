use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(idle = "2h", absolute = "1h")]
pub struct Auth {}

fn main() {}
