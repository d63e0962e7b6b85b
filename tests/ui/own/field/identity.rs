use secure_session::SecureSession;

#[derive(SecureSession)]
struct Auth {
    #[session(identity)]
    user_id: u64,
}

#[derive(SecureSession)]
struct Account {
    #[session(identity, keep)]
    id: Option<u64>,
    #[session(identity)]
    email: Option<String>,
}

fn main() {}
