use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[session(default = "Theme::dark")]
    theme: u8,
}

fn main() {}
