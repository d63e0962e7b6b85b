use secure_session::SecureSession;

#[derive(SecureSession)]
pub struct Auth {
    #[serde(rename = "uid", alias = "user")]
    user_id: u64,
    #[serde(default = "guest")]
    name: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    roles: Vec<String>,
    #[serde(skip)]
    seen: bool,
    #[serde(with = "time::serde::rfc3339")]
    since: u64,
    #[serde(flatten)]
    others: serde_json::Map<String, serde_json::Value>,
    #[serde(borrow)]
    theme: String,
}

fn main() {}
