use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(crate = ::sessions)]
pub struct Prefs {
    theme: Option<String>,
}

fn main() {}
