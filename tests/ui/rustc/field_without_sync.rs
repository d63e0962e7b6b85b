use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Prefs {
    visits: std::cell::Cell<u32>,
}

fn main() {}
