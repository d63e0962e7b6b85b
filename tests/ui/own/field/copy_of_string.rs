use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[session(copy)]
    name: String,
    #[session(copy)]
    roles: Option<Vec<String>>,
}

fn main() {}
