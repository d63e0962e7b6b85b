use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(format = "fastify", refresh = "2d")]
pub struct Auth {}

fn main() {}
