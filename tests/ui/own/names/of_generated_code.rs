use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    __handle: u64,
}

fn main() {}
