use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    name: &'static str,
    roles: Vec<&'static str>,
}

fn main() {}
