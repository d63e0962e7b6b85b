use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[session(accessor = "self")]
    owner: String,
}

fn main() {}
