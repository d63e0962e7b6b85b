use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(cookie = 5, idle = 30, secure = "false")]
pub struct Auth {
    #[session(accessor = 7, keep = 1, vis = private, with = "my module")]
    user_id: u64,
}

fn main() {}
