use secure_session::SecureSession;

#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub enum Theme {
    Light,
    Dark,
}

#[derive(SecureSession)]
pub struct Prefs {
    theme: Theme,
}

fn main() {}
