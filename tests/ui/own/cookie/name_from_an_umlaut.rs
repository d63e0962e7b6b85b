use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Größe {}

fn main() {}
