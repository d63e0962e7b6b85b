use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(revocable)]
struct Nobody {
    user_id: Option<u64>,
}

#[derive(SecureSession)]
#[session(remember = "30d")]
struct Plain {
    #[session(revoke_by)]
    tenant: Option<String>,
}

#[derive(SecureSession)]
#[session(revocable, remember = "none")]
struct Auth {
    #[session(identity, revoke_by, default = Some(1))]
    user_id: Option<u64>,
    #[session(revoke_by, lenient)]
    tenant: String,
}

fn main() {}
