use secure_session::SecureSession;
use serde_json::{Map, Value};

#[derive(SecureSession)]
#[session(version = 1, migrate = migrate)]
pub struct Swapped {}

fn migrate(_members: &mut Map<String, Value>, _from: u32) {}

#[derive(SecureSession)]
#[session(cookie = "b", version = 1, migrate = Returning::migrate)]
pub struct Returning {}

impl Returning {
    fn migrate(_from: u32, _members: &mut Map<String, Value>) -> bool {
        true
    }
}

fn main() {}
