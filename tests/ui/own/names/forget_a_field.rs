use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(forget = "kind", forget = "old", forget = "old")]
pub struct Auth {
    kind: String,
}

fn main() {}
