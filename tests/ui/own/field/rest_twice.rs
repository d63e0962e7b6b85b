use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[session(rest)]
    others: serde_json::Map<String, serde_json::Value>,
    #[session(rest)]
    more: serde_json::Map<String, serde_json::Value>,
}

fn main() {}
