use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth<const N: usize> {
    digits: [u8; N],
}

fn main() {}
