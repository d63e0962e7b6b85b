use secure_session::{SecureSession, SessionGuard};

#[derive(SecureSession)]
struct Auth {
    user_id: Option<u64>,
    name: String,
}

#[derive(SessionGuard)]
#[guard(Auth, login = "//shop.example/login")]
struct SignedIn {
    user_id: u64,
}

#[derive(SessionGuard)]
#[guard(Auth, login = "shop.example/login")]
struct Customer {
    user_id: u64,
}

fn main() {}
