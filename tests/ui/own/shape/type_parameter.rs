use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth<T> {
    user: T,
}

fn main() {}
