use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[session(rest, rename = "others", default = Default::default())]
    others: serde_json::Map<String, serde_json::Value>,
}

fn main() {}
