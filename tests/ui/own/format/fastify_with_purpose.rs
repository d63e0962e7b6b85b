use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(format = "fastify", purpose = "checkout")]
pub struct Auth {}

fn main() {}
