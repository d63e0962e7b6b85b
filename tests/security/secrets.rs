//! Secrets in memory and in comparisons.

use std::{
    env,
    fs::{self, File},
    io::{Read as _, Seek as _, SeekFrom},
    marker::PhantomData,
    process,
};

use actix_secure_session_tests::{Auth, ada};
use secure_session::{
    Key, KeyRing, Salt, SessionId, SessionMiddleware,
    codec::Codec,
    policy::{FastifyMigration, Policy, Signing},
};
use subtle::ConstantTimeEq;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::support::{
    Shared, child,
    forge::{Forge, hex, unhex},
    shared,
};

/// Checks a type's traits: inherent impls exist only if their bounds hold, and take precedence over
/// the trait below, which applies to all types.
struct Ask<T>(PhantomData<T>);

trait Otherwise {
    const HAS_EQUALITY: bool = false;
    const IS_WIPED: bool = false;
    const COMPARES_IN_CONSTANT_TIME: bool = false;
}

impl<T> Otherwise for Ask<T> {}

impl<T: PartialEq> Ask<T> {
    const HAS_EQUALITY: bool = true;
}

impl<T: ZeroizeOnDrop> Ask<T> {
    const IS_WIPED: bool = true;
}

impl<T: ConstantTimeEq> Ask<T> {
    const COMPARES_IN_CONSTANT_TIME: bool = true;
}

/// C63: no type that contains a secret can be compared with `==`; keys are compared with `subtle`.
#[test]
fn secret_types_are_compared_only_with_subtle() {
    let secret = [
        ("Key", Ask::<Key>::HAS_EQUALITY),
        ("KeyRing", Ask::<KeyRing>::HAS_EQUALITY),
        ("Signing", Ask::<Signing>::HAS_EQUALITY),
        ("FastifyMigration", Ask::<FastifyMigration>::HAS_EQUALITY),
        ("Policy", Ask::<Policy>::HAS_EQUALITY),
        ("Codec", Ask::<Codec<Auth>>::HAS_EQUALITY),
        ("SessionMiddleware", Ask::<SessionMiddleware>::HAS_EQUALITY),
    ];
    for (name, has_equality) in secret {
        assert!(!has_equality, "`==` compiles for {name}");
    }
    let open = [Ask::<Salt>::HAS_EQUALITY, Ask::<SessionId>::HAS_EQUALITY];
    assert_eq!(open, [true, true], "the question is answered");
    let in_constant_time = [
        Ask::<Key>::COMPARES_IN_CONSTANT_TIME,
        Ask::<Salt>::COMPARES_IN_CONSTANT_TIME,
    ];
    assert_eq!(in_constant_time, [true, false]);
}

/// C53: the type of every public key holder says that it is zeroized when dropped.
#[test]
fn every_key_holder_is_zeroized_on_drop() {
    let holders = [
        ("Key", Ask::<Key>::IS_WIPED),
        ("KeyRing", Ask::<KeyRing>::IS_WIPED),
        ("Signing", Ask::<Signing>::IS_WIPED),
        ("FastifyMigration", Ask::<FastifyMigration>::IS_WIPED),
    ];
    for (name, is_wiped) in holders {
        assert!(is_wiped, "{name} is not `ZeroizeOnDrop`");
    }
    const { assert!(!Ask::<Salt>::IS_WIPED, "the question is answered") };
}

/// The mask of the needles, so that the search does not find itself.
const COVER: u8 = 0xa5;

/// Counts each of these in the heap and anonymous memory of this process; they are masked.
fn found(needles: &[Vec<u8>]) -> Vec<usize> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut memory = File::open("/proc/self/mem").unwrap();
    let mut counts = vec![0; needles.len()];
    for line in maps.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let is_ours = fields.len() == 5 || fields.get(5) == Some(&"[heap]");
        if !is_ours || !fields[1].starts_with("rw") {
            continue;
        }
        let (start, end) = fields[0].split_once('-').unwrap();
        let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
        memory.seek(SeekFrom::Start(start)).unwrap();
        let mut bytes = Zeroizing::new(vec![0; usize::try_from(end - start).unwrap()]);
        // A page that is unmapped meanwhile contains none of them.
        if memory.read_exact(&mut bytes).is_err() {
            continue;
        }
        for start in (0..bytes.len()).step_by(PAGE.len()) {
            // Most pages are empty.
            if bytes[start..].starts_with(&PAGE) {
                continue;
            }
            for (count, needle) in counts.iter_mut().zip(needles) {
                // A needle may begin on the previous page.
                let from = start.saturating_sub(needle.len() - 1);
                let to = bytes.len().min(start + PAGE.len());
                *count += occurrences(&bytes[from..to], needle);
            }
        }
    }
    counts
}

const PAGE: [u8; 4096] = [0; 4096];

fn occurrences(bytes: &[u8], covered: &[u8]) -> usize {
    let first = covered[0] ^ COVER;
    let is_here = |window: &&[u8]| {
        let mut pairs = window.iter().zip(covered);
        window[0] == first && pairs.all(|(byte, covered)| byte ^ COVER == *covered)
    };
    bytes.windows(covered.len()).filter(is_here).count()
}

fn covered(bytes: &[u8]) -> String {
    let covered: Vec<u8> = bytes.iter().map(|byte| byte ^ COVER).collect();
    hex(&covered)
}

const SCAN: &str = "secrets::freed_memory_contains_no_key_or_passphrase";

/// C53: nothing of a key from a file, of the keys derived from it, or of a passphrase is left in
/// the memory of a process that has dropped all their holders.
///
/// The allocator overwrites the first 16 bytes of a freed block, so the search looks for the bytes
/// after them. A scan of the whole heap finds what a recording allocator would, and needs no unsafe
/// code.
#[test]
#[cfg(target_os = "linux")]
fn freed_memory_contains_no_key_or_passphrase() {
    if let Some(argument) = child::argument() {
        return in_child(&argument);
    }
    let mut random = [0; 96];
    File::open("/dev/urandom")
        .unwrap()
        .read_exact(&mut random)
        .unwrap();
    let (key, passphrase) = random.split_at(32);
    let digits = hex(key);
    let folder = env::temp_dir().join(format!("security-secrets-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("key"), &digits).unwrap();
    fs::write(folder.join("passphrase"), passphrase).unwrap();
    let derived = Forge::of(key, "__Host-auth").session_key();
    let needles = [
        &key[16..],
        &digits.as_bytes()[24..56],
        &derived[16..],
        &passphrase[24..56],
        b"the control, which nobody wipes",
    ];
    let needles = needles.map(covered).join(" ");
    child::run(SCAN, &format!("{} {needles}", folder.display()), "");
    fs::remove_dir_all(folder).unwrap();
}

fn in_child(argument: &str) {
    let (folder, needles) = argument.split_once(' ').unwrap();
    let needles: Vec<Vec<u8>> = needles.split(' ').map(unhex).collect();
    let ring = KeyRing::from_file(format!("{folder}/key")).unwrap();
    let live = found(&needles);
    assert!(live[0] > 0, "a key in use is found");
    assert_eq!(live[1], 0, "its text is gone as soon as it is read");

    let sessions = SessionMiddleware::builder(ring.clone())
        .session::<Auth>()
        .session_with::<Shared>(|policy| policy.signed(Signing::with_session_key()))
        .build()
        .unwrap();
    let (native, compat) = (
        sessions.codec::<Auth>().unwrap(),
        sessions.codec::<Shared>().unwrap(),
    );
    let text = native.seal(&ada()).unwrap();
    assert!(native.open(&text).is_ok() && native.open(&text[1..]).is_err());
    assert!(compat.open(compat.seal(&shared()).unwrap()).is_ok());
    assert!(found(&needles)[2] > 0, "a derived key in use is found");
    let text = Zeroizing::new(fs::read(format!("{folder}/passphrase")).unwrap());
    assert!(found(&needles)[3] > 0, "a passphrase in use is found");
    let from_passphrase = Key::from_passphrase(&*text, &Salt::from_bytes([7; 16])).unwrap();
    let other = Codec::<Auth>::builder(from_passphrase.clone())
        .build()
        .unwrap();
    assert!(other.open(other.seal(&ada()).unwrap()).is_ok());
    let clone = ring.clone().with_decrypt_only_key(from_passphrase).unwrap();
    drop((sessions, native, compat, ring, text, other, clone));

    // After the bytes that the allocator overwrites.
    let control: Vec<u8> = needles[4].iter().map(|byte| byte ^ COVER).collect();
    let unwiped = [vec![b' '; 64], control, vec![b' '; 64]].concat();
    drop(unwiped);
    let left = found(&needles);
    assert!(left[4] > 0, "what nobody wipes is found");
    assert_eq!(left[..4], [0; 4], "key, its text, derived key, passphrase");
}
