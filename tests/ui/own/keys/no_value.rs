use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie, idle)]
pub struct Auth {
    #[session(rename, default, with)]
    user_id: u64,
}

fn main() {}
