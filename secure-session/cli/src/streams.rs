//! Standard input and output.

use std::{
    fs::File,
    io::{IsTerminal as _, Read, Write as _},
    process::ExitCode,
};

use zeroize::Zeroizing;

use crate::failure::Failure;

/// The input limit, far more than any cookie, header or passphrase.
const MAX_INPUT_BYTES: u64 = 1 << 20;

/// Reads all of standard input; if it is a terminal, a prompt asks for `what`.
pub(crate) fn read_stdin(what: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let mut stderr = std::io::stderr().lock();
        let _ = writeln!(
            stderr,
            "Reading {what} from standard input; end with Ctrl-D."
        );
    }
    read_to_end(stdin.lock(), "standard input", what)
}

/// Reads a file up to the limit, because a device may have no end.
///
/// `source` names the file in messages, `what` its expected content.
pub(crate) fn read_file(
    path: &str,
    source: &str,
    what: &str,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let file = File::open(path)
        .map_err(|err| Failure::trouble(format!("{source} cannot be read: {err}")))?;
    read_to_end(file, source, what)
}

fn read_to_end(input: impl Read, source: &str, what: &str) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut bytes = Zeroizing::new(Vec::new());
    // One byte above the limit shows that the input is too long.
    (input.take(MAX_INPUT_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|err| Failure::trouble(format!("{source} cannot be read: {err}")))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_INPUT_BYTES {
        return Err(Failure::trouble(format!(
            "{source} has more than {MAX_INPUT_BYTES} bytes, so it is not {what}"
        )));
    }
    Ok(bytes)
}

/// Writes to standard output.
pub(crate) fn print(text: impl AsRef<[u8]>) -> Result<ExitCode, Failure> {
    print_after("", text)
}

/// Writes to standard output. If that fails, the message begins with what was `done` before.
pub(crate) fn print_after(done: &str, text: impl AsRef<[u8]>) -> Result<ExitCode, Failure> {
    let mut stdout = std::io::stdout().lock();
    (stdout.write_all(text.as_ref()))
        .and_then(|()| stdout.flush())
        .map_err(|err| {
            Failure::trouble(format!("{done}standard output cannot be written: {err}"))
        })?;
    Ok(ExitCode::SUCCESS)
}

/// Rejects text in other encodings, which some editors and shells write; `what` names the text.
///
/// The additional bytes are invisible and would become part of the input.
pub(crate) fn refuse_other_encodings(what: &str, bytes: &[u8]) -> Result<(), Failure> {
    let is_utf16 = bytes.starts_with(&[0xff, 0xfe])
        || bytes.starts_with(&[0xfe, 0xff])
        || matches!(bytes, [_, 0, _, 0, ..] | [0, _, 0, _, ..]);
    if is_utf16 {
        return Err(Failure::trouble(format!(
            "{what} is UTF-16; save it as UTF-8"
        )));
    }
    if bytes.starts_with("\u{feff}".as_bytes()) {
        return Err(Failure::trouble(format!(
            "{what} begins with a byte-order mark; save it as UTF-8 without one"
        )));
    }
    Ok(())
}

/// Strips the line ending that files and `echo` add.
pub(crate) fn without_line_end(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}
