//! Two processes with one file of revoked sessions, each with 500 logouts a second.
//!
//! ```text
//! cargo run --release -p actix-secure-session-tests --bin sqlite_load -- [SECONDS]
//! ```
//!
//! Prints how long logouts take, from the time that they are due to their response, how many entries
//! wait for the disk, and how many responses did not wait for their entry, such as when the disk stalls
//! for 250 milliseconds. Fails if more entries wait in the second half than in the first, or if a process
//! does not know every entry afterwards.

use std::{
    cell::RefCell,
    env,
    error::Error,
    process::{Command, ExitCode, Stdio},
    rc::Rc,
    time::{Duration, Instant},
};

use actix_web::{
    App, HttpResponse,
    rt::{System, spawn, time::sleep},
    test::{TestRequest, call_service, init_service},
    web,
};
use secure_session::{
    Key, RevocationState, Revocations, SecureSession, Session, SessionMiddleware,
    test_util::RequestCookie,
};

/// Logouts in each process.
const PER_SECOND: u32 = 500;

/// A run has this many parts, whose queues are compared.
const PARTS: u32 = 10;

#[derive(SecureSession)]
#[session(revocable)]
struct Auth {
    #[session(identity)]
    user_id: Option<u64>,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    if let [role, path, seconds] = arguments.as_slice()
        && role == "process"
    {
        return System::new().block_on(process(path, seconds.parse()?));
    }
    let seconds: u32 = arguments.first().map_or(Ok(60), |text| text.parse())?;
    // Next to the program, because the folder for temporary files may be in memory.
    let folder = format!("sqlite_load-{}", std::process::id());
    let folder = env::current_exe()?.with_file_name(folder);
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("revocations.db");
    let run = || {
        Command::new(env::current_exe()?)
            .arg("process")
            .arg(&path)
            .arg(seconds.to_string())
            .stdout(Stdio::piped())
            .spawn()
    };
    let processes = [run()?, run()?];
    let mut is_success = true;
    for process in processes {
        let output = process.wait_with_output()?;
        print!("{}", String::from_utf8_lossy(&output.stdout));
        is_success &= output.status.success();
    }
    std::fs::remove_dir_all(folder)?;
    Ok(ExitCode::from(u8::from(!is_success)))
}

/// What a process measures.
#[derive(Default)]
struct Measured {
    latencies: Vec<Duration>,
    /// The longest queue of each part.
    queued: [usize; PARTS as usize],
}

async fn process(path: &str, seconds: u32) -> Result<ExitCode, Box<dyn Error>> {
    async fn log_out(auth: Session<Auth>) -> HttpResponse {
        auth.destroy();
        HttpResponse::NoContent().finish()
    }
    let revocations = Revocations::sqlite(path)?;
    let sessions = SessionMiddleware::builder(Key::generate()?)
        .revocations(&revocations)
        .session::<Auth>()
        .build()?;
    let codec = sessions.codec::<Auth>().ok_or("not registered")?;
    let app = App::new().wrap(sessions);
    let app = Rc::new(init_service(app.route("/logout", web::post().to(log_out))).await);
    let measured = Rc::new(RefCell::new(Measured::default()));
    let count = seconds * PER_SECOND;
    let start = Instant::now();
    for number in 0..count {
        let due = start + Duration::from_secs(1) * number / PER_SECOND;
        sleep(due.saturating_duration_since(Instant::now())).await;
        let cookie = RequestCookie::of(&codec, &Auth { user_id: Some(7) }).signed_in();
        let request = TestRequest::post().uri("/logout");
        let request = request.insert_header(cookie.header());
        let (app, measured) = (Rc::clone(&app), Rc::clone(&measured));
        let revocations = revocations.clone();
        spawn(async move {
            let response = call_service(&*app, request.to_request()).await;
            assert_eq!(response.status(), 204);
            let mut measured = measured.borrow_mut();
            measured.latencies.push(due.elapsed());
            let part = &mut measured.queued[(number * PARTS / count) as usize];
            *part = (*part).max(queue(&revocations).0);
        });
    }
    while measured.borrow().latencies.len() < count as usize {
        sleep(Duration::from_millis(1)).await;
    }
    revocations.flush().await?;
    let entries = 2 * count as usize;
    let end = Instant::now();
    while known(&revocations) < entries && end.elapsed() < Duration::from_secs(5) {
        sleep(Duration::from_millis(10)).await;
    }

    let mut measured = measured.take();
    measured.latencies.sort();
    let at = |per_mille: usize| {
        let index = (measured.latencies.len() - 1) * per_mille / 1000;
        measured.latencies[index].as_secs_f64() * 1e3
    };
    let (_, not_recorded) = queue(&revocations);
    println!(
        "{count} logouts: median {:.1} ms, 99 % within {:.1} ms, longest {:.1} ms; longest queues in \
         tenths of the time {:?}; {not_recorded} responses did not wait; {} of {entries} entries known",
        at(500),
        at(990),
        at(1000),
        measured.queued,
        known(&revocations),
    );
    // The median, because a disk may stall once.
    let [early, late] = [0..5, 5..10].map(|half| {
        let mut queued = measured.queued[half].to_vec();
        queued.sort_unstable();
        queued[queued.len() / 2]
    });
    let is_sound = known(&revocations) == entries && late <= 2 * early + 20;
    Ok(ExitCode::from(u8::from(!is_sound)))
}

/// The length of the queue, and the responses that did not wait for their entry.
fn queue(revocations: &Revocations) -> (usize, u64) {
    match revocations.state() {
        RevocationState::Live {
            queued, counters, ..
        }
        | RevocationState::Behind {
            queued, counters, ..
        }
        | RevocationState::Refusing {
            queued, counters, ..
        } => (queued, counters.not_recorded),
        _ => (usize::MAX, u64::MAX),
    }
}

fn known(revocations: &Revocations) -> usize {
    match revocations.state() {
        RevocationState::Live { entries, .. } => entries,
        _ => 0,
    }
}
