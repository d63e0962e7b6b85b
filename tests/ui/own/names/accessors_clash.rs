use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    theme: Option<String>,
    clear_theme: bool,
}

fn main() {}
