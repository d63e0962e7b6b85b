use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[session(alias = "art", alias = "art")]
    kind: String,
}

fn main() {}
