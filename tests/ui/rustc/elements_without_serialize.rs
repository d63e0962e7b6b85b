use secure_session::SecureSession;

#[derive(Clone, Default, serde::Deserialize)]
pub struct Item {
    number: u64,
}

#[derive(SecureSession)]
pub struct Basket {
    items: Vec<Item>,
}

fn main() {}
