use secure_session::{SecureSession, Session};

#[derive(SecureSession)]
#[session(cookie = "my session", idle = "1 hour")]
pub struct Auth {
    user: Option<Option<u64>>,
    #[session(nmae = "who")]
    name: String,
    touch: bool,
}

/// The accessors exist anyway, so there is no error about their uses.
pub fn uses(auth: &Session<Auth>) {
    auth.set_name("Ada");
    auth.set_touch(true);
    let _: &str = auth.name();
    let _ = auth.user.is_some();
    auth.sign_in();
    auth.regenerate_keeping(&[AuthField::Name]);
    let _ = Auth::defaults();
}

fn main() {}
