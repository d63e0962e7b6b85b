use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[session(alias = "kind")]
    kind: String,
}

fn main() {}
