use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[session(rest)]
    others: std::collections::HashMap<String, String>,
}

fn main() {}
