mod account {
    #[derive(secure_session::SecureSession)]
    pub struct Auth {
        #[session(vis = "")]
        secret: String,
    }
}

pub fn handler(auth: secure_session::Session<account::Auth>) {
    let _ = auth.secret();
}

fn main() {}
