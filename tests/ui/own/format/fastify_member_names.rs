use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(format = "fastify", forget = "prototype")]
pub struct Auth {
    constructor: u64,
    #[session(rename = "__ts")]
    timestamp: u64,
    #[session(alias = "__proto__")]
    parent: u64,
}

fn main() {}
