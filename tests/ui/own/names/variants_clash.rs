use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    user_id: u64,
    #[allow(non_snake_case)]
    userId: u64,
}

fn main() {}
