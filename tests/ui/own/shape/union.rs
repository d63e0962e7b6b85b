use secure_session::SecureSession;

#[derive(SecureSession)]
pub union Auth {
    number: u64,
}

fn main() {}
