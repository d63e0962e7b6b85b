use secure_session::SecureSession;

#[derive(SecureSession)]
#[session(revocable)]
struct Ratio {
    #[session(identity)]
    ratio: Option<f64>,
}

fn main() {}
