use secure_session::SecureSession;

#[derive(SecureSession)]
#[serde(rename_all = "camelCase", deny_unknown_fields, transparent)]
pub struct Auth {
    user_id: u64,
}

fn main() {}
