// A mistake in one struct is the only error: the accessors of both resolve.
use secure_session::{SecureSession, Session};

#[derive(SecureSession)]
struct Auth {
    /// The signed-in user.
    user_id: Option<u64>,
    name: String,
}

#[derive(SecureSession)]
#[session(idle = "soon")]
struct Prefs {
    theme: Option<String>,
}

fn handler(auth: Session<Auth>, prefs: Session<Prefs>) -> usize {
    auth.sign_in();
    auth.set_user_id(7);
    auth.update_name(|name| name.push('!'));
    prefs.set_theme("dark");
    prefs.theme().map_or(0, str::len) + auth.name().len()
}

fn main() {
    let _ = handler;
}
