use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    kind: String,
    #[session(alias = "kind")]
    r#type: String,
}

fn main() {}
