//! `keygen`.

use crate::support::{KEY, OTHER_KEY, call, file};

/// The bytes of [`KEY`].
fn key_bytes() -> Vec<u8> {
    (1..=32).collect()
}

const KEY_BASE64: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";

#[test]
fn new_key_is_printed_in_the_requested_form() {
    for (arguments, prefix, len) in [
        ("keygen", "", 64),
        ("keygen --hex", "", 64),
        ("keygen --base64", "", 44),
        ("keygen --env SESSION_KEYS", "SESSION_KEYS=", 64),
        ("keygen --env KEYS_2 --base64", "KEYS_2=", 44),
    ] {
        let [one, two] = [(); 2].map(|()| call(arguments).run().text());
        assert_eq!(one.len(), prefix.len() + len + 1, "{arguments}");
        let is_a_line = one.starts_with(prefix) && one.ends_with('\n');
        assert!(is_a_line, "{arguments}");
        assert_ne!(one, two, "{arguments}");
    }
    let (status, bytes, stderr) = call("keygen --raw").run_raw();
    assert_eq!((status, bytes.len(), stderr.len()), (0, 32, 0));
}

#[test]
fn existing_key_is_printed_in_the_requested_form() {
    let files = [
        file("keygen-hex", format!("{KEY}\n")),
        file("keygen-base64", KEY_BASE64),
        file("keygen-raw", key_bytes()),
    ];
    for path in files {
        let shown = |form: &str| call(form).with("--from").with(&path).run().text();
        assert_eq!(shown("keygen"), format!("{KEY}\n"));
        assert_eq!(shown("keygen --base64"), format!("{KEY_BASE64}\n"));
        assert_eq!(shown("keygen --env KEYS"), format!("KEYS={KEY}\n"));
        let (status, bytes, _) = call("keygen --raw --from").with(&path).run_raw();
        assert_eq!((status, bytes), (0, key_bytes()));
    }
}

#[test]
fn several_keys_are_printed_as_a_list_but_not_raw() {
    let path = file("keygen-two", format!("{KEY},{OTHER_KEY}"));
    let shown = |form: &str| call(form).with("--from").with(&path).run();
    assert_eq!(shown("keygen").text(), format!("{KEY}\n{OTHER_KEY}\n"));
    let line = format!("KEYS={KEY},{OTHER_KEY}\n");
    assert_eq!(shown("keygen --env KEYS").text(), line);
    assert!(shown("keygen --raw").trouble().contains("several"));
}

#[test]
fn conflicting_output_options_are_rejected() {
    for arguments in [
        "keygen --hex --base64",
        "keygen --raw --base64",
        "keygen --raw --env KEYS",
    ] {
        let trouble = call(arguments).run().trouble();
        assert!(trouble.contains("cannot be combined"), "{trouble}");
    }
    for name in ["", "1A", "A-B", "A=B"] {
        let trouble = call("keygen --env").with(name).run().trouble();
        assert!(trouble.contains("name of a variable"), "{trouble}");
    }
}

/// `script` of util-linux, part of every Debian, provides a terminal.
#[cfg(target_os = "linux")]
#[test]
fn raw_bytes_are_not_written_to_a_terminal() {
    let binary = env!("CARGO_BIN_EXE_secure-session");
    let output = std::process::Command::new("script")
        .args(["-qec", &format!("'{binary}' keygen --raw"), "/dev/null"])
        .stdin(std::process::Stdio::null())
        .output()
        .expect("`script` of util-linux runs");
    let shown = String::from_utf8(output.stdout).expect("no raw bytes");
    assert!(
        shown.contains("`--raw` would write bytes to the terminal"),
        "{shown}"
    );
    assert_eq!(output.status.code(), Some(2));
}
