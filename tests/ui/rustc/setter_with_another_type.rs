use secure_session::{SecureSession, Session};

#[derive(SecureSession)]
pub struct Prefs {
    theme: Option<String>,
    page_size: Option<u32>,
    tags: Vec<String>,
}

pub fn handler(prefs: Session<Prefs>, theme: Option<&str>) {
    prefs.set_theme(theme);
    prefs.set_page_size("20");
    prefs.set_tags([1]);
}

fn main() {}
