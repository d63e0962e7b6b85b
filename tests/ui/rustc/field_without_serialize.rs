use secure_session::SecureSession;

#[derive(Clone, Default, serde::Deserialize)]
pub struct Theme {
    dark: bool,
}

#[derive(SecureSession)]
pub struct Prefs {
    theme: Theme,
}

fn main() {}
