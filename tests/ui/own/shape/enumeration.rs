use secure_session::SecureSession;

#[derive(SecureSession)]
pub enum Auth {
    SignedIn { user_id: u64 },
    Anonymous,
}

fn main() {}
