use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(format = "fastify", idle = "none", refresh = "1m")]
pub struct Auth {}

fn main() {}
