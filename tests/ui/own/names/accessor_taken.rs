use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    name: String,
    #[session(accessor = name)]
    r#type: String,
}

fn main() {}
