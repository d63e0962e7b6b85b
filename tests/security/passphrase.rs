//! Keys from a passphrase: once, off the executor, in bounded memory or not at all.

use std::{
    fs, panic,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use actix_secure_session_tests::{Auth, ada, app::block_on};
use actix_web::{App, HttpServer, rt, web};
use secure_session::{Key, KeyProblem, Salt, Session, SessionMiddleware};

use crate::support::child;

const PASSPHRASE: &str = "averylogphrasebiggerthanthirtytwochars";
const MIB: u64 = 1024 * 1024;

fn salt() -> Salt {
    Salt::from_text("mq9hDxBVDbspDR6n").unwrap()
}

/// A line of `/proc/self/status`, in bytes.
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap();
    let kibibytes = line.trim_start_matches(':').trim().trim_end_matches(" kB");
    kibibytes.parse::<u64>().unwrap() * 1024
}

async fn read(auth: Session<Auth>) -> String {
    auth.name().to_owned()
}

/// C52: a server of 16 workers derives its key once, in 256 MiB and little more, which are given
/// back, while the executor goes on.
#[test]
fn a_server_of_16_workers_derives_once_in_bounded_memory_beside_its_executor() {
    const NAME: &str =
        "passphrase::a_server_of_16_workers_derives_once_in_bounded_memory_beside_its_executor";
    if child::argument().is_none() {
        return child::run(NAME, "16 workers", "");
    }
    block_on(async {
        let before = status("VmRSS");
        let derived = Instant::now();
        let mut turns = 0;
        let deriving = rt::task::spawn_blocking(|| Key::from_passphrase(PASSPHRASE, &salt()));
        while !deriving.is_finished() {
            rt::time::sleep(Duration::from_millis(1)).await;
            turns += 1;
        }
        let took = derived.elapsed();
        let key = deriving.await.unwrap().unwrap();
        // About one a millisecond; a derivation on the executor itself would leave one or none.
        assert!(turns >= 20, "the executor had {turns} turns in {took:?}");

        let peak = status("VmHWM").saturating_sub(before);
        assert!((256 * MIB..=288 * MIB).contains(&peak), "{peak} bytes");
        let left = status("VmRSS").saturating_sub(before);
        assert!(left < 32 * MIB, "{left} bytes were not given back");

        let sessions = SessionMiddleware::builder(key)
            .session::<Auth>()
            .build()
            .unwrap();
        let codec = sessions.codec::<Auth>().unwrap();
        let made = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&made);
        let started = Instant::now();
        let server = HttpServer::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
            App::new()
                .wrap(sessions.clone())
                .route("/", web::get().to(read))
        });
        let server = server
            .workers(16)
            .disable_signals()
            .bind(("127.0.0.1", 0))
            .unwrap();
        let address = server.addrs()[0];
        let running = rt::spawn(server.run());
        let cookie = format!("{}={}", codec.cookie_name(), codec.seal(&ada()).unwrap());
        let answer = rt::task::spawn_blocking(move || ask(address, &cookie))
            .await
            .unwrap();
        assert!(answer.ends_with("Ada"), "{answer}");
        assert_eq!(
            made.load(Ordering::SeqCst),
            16,
            "every worker has the middleware"
        );
        assert!(started.elapsed() < took * 8, "no worker derives its own");
        let peak = status("VmHWM").saturating_sub(before);
        assert!(peak <= 288 * MIB, "{peak} bytes with all workers");
        running.abort();
    });
}

/// One request by hand, and the whole answer.
fn ask(address: std::net::SocketAddr, cookie: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request =
        format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// C52: without the memory there is an error that says so; no abort, no panic, no weaker key. With
/// a little more than the memory there is a key.
#[test]
fn without_the_memory_there_is_an_error_and_no_weaker_key() {
    const NAME: &str = "passphrase::without_the_memory_there_is_an_error_and_no_weaker_key";
    match child::argument().as_deref() {
        None => {
            child::run(NAME, "too little", "ulimit -v 131072;");
            child::run(NAME, "enough", "ulimit -v 524288;");
        }
        Some("too little") => {
            let derived = panic::catch_unwind(|| Key::from_passphrase(PASSPHRASE, &salt()));
            let err = derived.expect("no panic").unwrap_err();
            assert_eq!(err.problem(), &KeyProblem::NoMemory);
            assert!(err.to_string().contains("256 MiB"), "{err}");
            assert!(!format!("{err:?}").contains("avery"));
            // The process lives and can do what needs less.
            assert!(Key::generate().is_ok());
        }
        Some(_) => assert!(Key::from_passphrase(PASSPHRASE, &salt()).is_ok()),
    }
}
