use secure_session::SecureSession;

#[derive(SecureSession)]
#[repr(C, packed)]
pub struct Auth {
    user_id: u64,
}

fn main() {}
