use secure_session::SecureSession;
use serde_json::{Map, Value};

#[derive(SecureSession)]
pub struct Auth {
    #[session(skip, lenient)]
    scratch: u8,
    #[session(rest, lenient)]
    others: Map<String, Value>,
}

fn main() {}
