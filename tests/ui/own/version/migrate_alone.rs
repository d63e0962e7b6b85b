use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(migrate = Auth::migrate)]
pub struct Auth {}

fn main() {}
