use secure_session::SecureSession;

pub struct Theme;

#[derive(SecureSession)]
pub struct Prefs {
    theme: Theme,
}

fn main() {}
