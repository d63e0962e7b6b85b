use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[session(skip, rename = "n", alias = "m", with = codec)]
    notice: String,
}

fn main() {}
