use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth(u64, String);

fn main() {}
