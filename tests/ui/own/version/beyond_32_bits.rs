use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(version = 4294967296, migrate = Auth::migrate)]
pub struct Auth {}

fn main() {}
