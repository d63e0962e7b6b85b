//! Nonces and ids: never repeated, and never a constant if the system returns no random bytes.

use std::{
    collections::HashSet,
    env, fs, process,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    thread,
};

use actix_secure_session_tests::{
    Auth, Prefs, T0, ada,
    app::{Jar, Server},
    ring,
};
use secure_session::{SessionMiddleware, test_util::TestClock};

use crate::support::{
    child,
    forge::{HEADER_LEN, decoded},
    value_of,
};

const THREADS: usize = 8;

/// The total number of encryptions; `SECURITY_SEALS` sets another number (`.ci/full` uses a
/// million).
fn seals() -> usize {
    let asked = env::var("SECURITY_SEALS");
    asked.map_or(20_000, |number| number.parse().unwrap())
}

/// Encrypts one value this often in each thread, each with a clone of the configuration.
fn sealed(server: &Server, each: usize) -> Vec<String> {
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let server = server.clone();
            thread::spawn(move || {
                let codec = server.codec();
                let texts = (0..each).map(|_| codec.seal(&ada()).unwrap());
                texts.collect::<Vec<_>>()
            })
        })
        .collect();
    let texts = threads.into_iter().map(|thread| thread.join().unwrap());
    texts.flatten().collect()
}

/// C08: no nonce, ciphertext or id repeats, over eight threads in each of two processes; an id has
/// 128 bits.
#[test]
fn no_nonce_ciphertext_or_id_repeats_over_threads_and_processes() {
    const NAME: &str = "randomness::no_nonce_ciphertext_or_id_repeats_over_threads_and_processes";
    let server = Server::default();
    let each = seals() / (2 * THREADS);
    if let Some(path) = child::argument() {
        return fs::write(path, sealed(&server, each).join("\n")).unwrap();
    }
    let path = env::temp_dir().join(format!("security-seals-{}", process::id()));
    let mut command = child::command(NAME, path.to_str().unwrap(), "");
    let other = thread::spawn(move || command.output().unwrap());
    let ours = sealed(&server, each);
    child::check(NAME, &other.join().unwrap());
    let theirs = fs::read_to_string(&path).unwrap();
    fs::remove_file(path).unwrap();

    let codec = server.codec();
    let (mut nonces, mut ciphertexts, mut ids) = (HashSet::new(), HashSet::new(), HashSet::new());
    let mut seen = 0;
    for text in ours.iter().map(String::as_str).chain(theirs.lines()) {
        let bytes = decoded(text);
        let (header, sealed) = bytes.split_at(HEADER_LEN);
        let id = codec.open(text).unwrap().id();
        assert_eq!(id.as_bytes().len(), 16, "128 bits");
        assert!(nonces.insert(header[5..].to_vec()), "a nonce repeats");
        assert!(
            ciphertexts.insert(sealed[..sealed.len() - 16].to_vec()),
            "a ciphertext repeats"
        );
        assert!(ids.insert(id), "an id repeats");
        seen += 1;
    }
    assert_eq!(seen, 2 * THREADS * each);
}

/// C08: a session keeps its id but no nonce from request to request: each time it is stored, the
/// nonce is new.
#[test]
fn repeatedly_stored_session_has_a_new_nonce_each_time() {
    const REQUESTS: u32 = 500;
    let server = Server::default();
    let mut cookie = server.cookie(&ada());
    let id = server.codec().open(value_of(&cookie)).unwrap().id();
    let mut nonces = HashSet::from([nonce_of(&cookie)]);
    for visits in 0..REQUESTS {
        let answer = server.auth(&cookie, move |auth| auth.set_visits(1000 + visits));
        let stored = server.stored(&answer).unwrap();
        assert_eq!(stored.id(), id);
        let next = format!("__Host-auth={}", answer.set_cookies()[0].value);
        assert!(nonces.insert(nonce_of(&next)), "a nonce repeats");
        // Half of them send the previous cookie, like two tabs of a browser.
        if visits % 2 == 0 {
            cookie = next;
        }
    }
}

/// A server whose random generator is this function.
fn server(random: impl Fn(&mut [u8]) -> bool + Send + Sync + 'static) -> Server {
    let builder = SessionMiddleware::builder(ring(&[1])).session::<Auth>();
    Server::of(
        &TestClock::at(T0),
        builder.session::<Prefs>().random(random),
    )
}

fn nonce_of(cookie: &str) -> Vec<u8> {
    decoded(value_of(cookie))[5..HEADER_LEN].to_vec()
}

/// C09: a generator that fails once is an error of that request only. Its response sets no cookie,
/// and the next response has the nonce that the generator then returns.
#[test]
fn random_generator_that_fails_once_fails_one_request() {
    let calls = Arc::new(AtomicU8::new(0));
    let counted = Arc::clone(&calls);
    let server = server(move |buffer| {
        let call = counted.fetch_add(1, Ordering::SeqCst);
        buffer.fill(call);
        call != 1
    });
    let mut jar = Jar::default();
    let mut nonces = Vec::new();
    for (call, status) in [(0, 200), (1, 500), (2, 200), (3, 200)] {
        let answer = server.auth(&jar.header(), move |auth| auth.set_visits(call + 1));
        assert_eq!(answer.status, status, "call {call}");
        assert_eq!(
            answer.set_cookies().is_empty(),
            status == 500,
            "call {call}"
        );
        jar.take(&answer);
        nonces.push(nonce_of(&jar.header()));
    }
    assert_eq!(nonces, [[0; 24], [0; 24], [2; 24], [3; 24]]);
    assert_eq!(calls.load(Ordering::SeqCst), 4);
}

/// C09: a generator that always fails stops every write but no read; no cookie is ever encrypted.
#[test]
fn failing_random_generator_stops_writes_but_not_reads() {
    let cookie = Server::default().cookie(&ada());
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let server = server(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        false
    });
    let writes: [fn(&secure_session::Session<Auth>); 5] = [
        |auth| auth.set_visits(9),
        |auth| auth.touch(),
        |auth| auth.sign_in(),
        |auth| auth.reauthenticate(),
        |auth| auth.regenerate(),
    ];
    for (index, write) in writes.into_iter().enumerate() {
        let answer = server.auth(&cookie, write);
        assert_eq!(answer.status, 500, "write {index}");
        assert!(answer.body.is_empty(), "write {index}");
        // A new login ends the previous one, regardless of failures.
        let removals = answer.set_cookies();
        let removes = removals.len() == 1 && removals[0].is_removal();
        assert!(
            if index == 2 {
                removes
            } else {
                removals.is_empty()
            },
            "write {index}"
        );
    }
    assert!(calls.load(Ordering::SeqCst) >= writes.len());
    let answer = server.auth(&cookie, |auth| assert_eq!(auth.name(), "Ada"));
    assert_eq!(answer.status, 200);
    let answer = server.auth(&cookie, |auth| auth.destroy());
    assert!(
        answer.cookie("__Host-auth").unwrap().is_removal(),
        "a logout needs no randomness"
    );
    assert!(server.codec().seal(&ada()).is_err());
    assert!(server.codec().new_session(ada()).is_err());
}
