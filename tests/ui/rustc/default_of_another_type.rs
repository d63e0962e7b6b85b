use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Prefs {
    #[session(default = 2.5)]
    page_size: u32,
    #[session(default = 7)]
    last_page: Option<u32>,
}

fn main() {}
