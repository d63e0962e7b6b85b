use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(format = "fastify", absolute = "12h")]
pub struct Auth {}

fn main() {}
