use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[session(alias = "")]
    name: String,
}

fn main() {}
