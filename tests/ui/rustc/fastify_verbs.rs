use secure_session::{SecureSession, Session};

#[derive(SecureSession)]
#[session(format = "fastify")]
pub struct Auth {
    user: Option<u64>,
}

pub fn login(auth: &Session<Auth>) {
    auth.sign_in();
    auth.reauthenticate();
}

fn main() {}
