use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(version = 0, migrate = Auth::migrate)]
pub struct Auth {}

fn main() {}
