use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(format = "fastify", version = 2, migrate = Auth::migrate)]
pub struct Auth {}

fn main() {}
