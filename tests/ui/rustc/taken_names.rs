use secure_session::SecureSession;

/// A type of the application with the name of a generated one.
pub enum AuthField {
    Email,
    Password,
}

#[derive(SecureSession)]
pub struct Auth {
    name: String,
}

fn main() {}

mod accessors {
    pub struct PrefsAccessors;

    #[derive(secure_session::SecureSession)]
    pub struct Prefs {}
}
