use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(format = "express")]
pub struct Auth {}

fn main() {}
