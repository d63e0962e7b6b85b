use secure_session::SecureSession;

#[derive(Clone, Default, serde::Serialize)]
pub struct Theme {
    dark: bool,
}

#[derive(SecureSession)]
pub struct Prefs {
    theme: Theme,
}

fn main() {}
