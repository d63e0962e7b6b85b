use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(absolute = "365d")]
pub struct Auth {}

fn main() {}
