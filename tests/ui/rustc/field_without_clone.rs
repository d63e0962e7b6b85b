use secure_session::SecureSession;

#[derive(Default, serde::Serialize, serde::Deserialize)]
pub struct Theme {
    dark: bool,
}

#[derive(SecureSession)]
pub struct Prefs {
    theme: Theme,
    last: Option<Theme>,
}

fn main() {}
