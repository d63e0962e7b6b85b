//! The file of earlier shapes, as in an application's tests.

use std::{env, fs, process::Command};

use secure_session::{SecureSession, test_util::assert_schema_stable};

/// After a field was added (`level`), removed (`nick`), renamed (`uid`) and retyped (`page_size`).
#[derive(SecureSession)]
#[session(cookie = "auth", forget = "nick")]
struct Auth {
    #[session(alias = "uid")]
    user_id: Option<u64>,
    name: String,
    level: u8,
    #[session(lenient)]
    page_size: u16,
}

const FILE: &str = "schema/auth.session.json";

fn auth() -> Auth {
    Auth {
        user_id: Some(7),
        name: "Ada".to_owned(),
        level: 3,
        page_size: 50,
    }
}

#[test]
fn newest_shape_takes_over_the_oldest_in_the_file() {
    assert_schema_stable(FILE, [auth()]);
}

#[test]
fn environment_variable_creates_the_file() {
    let package = env::temp_dir().join(format!("schema-golden-{}", std::process::id()));
    fs::create_dir_all(package.join("schema")).unwrap();
    let run = |bless: &str| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args([
            "--exact",
            "golden::newest_shape_takes_over_the_oldest_in_the_file",
        ]);
        command
            .env("CARGO_MANIFEST_DIR", &package)
            .env("BLESS_SESSIONS", bless);
        command.output().unwrap().status.success()
    };
    let outcomes = [run(""), run("0"), run("1"), run("")];
    let shapes = fs::read_to_string(package.join(FILE))
        .unwrap()
        .matches("\"version\": 0")
        .count();
    fs::remove_dir_all(&package).unwrap();
    assert_eq!((outcomes, shapes), ([false, false, true, true], 1));
}
