use secure_session::{SecureSession, Session};

#[derive(SecureSession)]
pub struct Auth {
    visits: u32,
    roles: Vec<String>,
}

pub fn handler(auth: Session<Auth>) {
    auth.update_visits(|visits| *visits + 1);
    auth.update_roles(|roles| roles.iter().map(|role| role.to_uppercase()).collect());
    auth.update(|auth| Auth { visits: 1, roles: auth.roles.clone() });
}

fn main() {}
