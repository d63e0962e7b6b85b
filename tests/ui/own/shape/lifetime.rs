use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth<'a> {
    name: std::borrow::Cow<'a, str>,
}

fn main() {}
