use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    kind: String,
    #[session(rename = "kind")]
    r#type: String,
}

fn main() {}
