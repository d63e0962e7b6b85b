//! The machine and build that figures belong to.

use std::{fs, thread};

use serde_json::{Value, json};

pub fn describe() -> Value {
    json!({
        "processor": processor(),
        "cores": thread::available_parallelism().map_or(1, usize::from),
        "system": system(),
        "c_library": c_library(),
        "compiler": env!("COMPILER"),
        "profile": profile(),
        "load_before": load(),
    })
}

/// The load average over the last minute. No other program should be running.
pub fn load() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next()?.parse().ok()
}

/// How often this thread lost the processor to another; `None` if the system does not report it.
pub fn preemptions() -> Option<u64> {
    let text = fs::read_to_string("/proc/thread-self/status").ok()?;
    let line = (text.lines()).find_map(|line| line.strip_prefix("nonvoluntary_ctxt_switches:"))?;
    line.trim().parse().ok()
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    (text.lines())
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or_else(|| "unknown".to_owned(), |(_, name)| name.trim().to_owned())
}

fn system() -> String {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // Major and minor version only; the rest identifies the build.
    let version: Vec<&str> = release.trim().split(['.', '-']).take(2).collect();
    format!("{} {}", std::env::consts::OS, version.join("."))
}

/// The C library of this process, read from its file: the cost of a random number depends on it.
fn c_library() -> Option<String> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    let file = maps.lines().find(|line| line.ends_with("/libc.so.6"))?;
    let bytes = fs::read(file.get(file.find('/')?..)?).ok()?;
    let before = b"stable release version ";
    let start = bytes
        .windows(before.len())
        .position(|part| part == before)?;
    let version = bytes.get(start + before.len()..)?;
    let is_version = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
    let version: Vec<u8> = version.iter().take_while(is_version).copied().collect();
    let version = String::from_utf8(version).ok()?;
    Some(format!("glibc {}", version.trim_end_matches('.')))
}

fn profile() -> &'static str {
    if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    }
}
