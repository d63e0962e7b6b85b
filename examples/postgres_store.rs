//! Keeps the list of revoked sessions in PostgreSQL, so that all processes share it.
//!
//! ```text
//! export POSTGRES_URL="host=localhost user=postgres"
//! cargo run --example postgres_store --features postgres
//! cargo test --example postgres_store --features postgres
//! ```
//!
//! `.ci/postgres` does both with a server that it starts. A pooler must not share a connection between
//! transactions, because `LISTEN` belongs to a connection.

#[cfg(test)]
#[path = "postgres_store/tests.rs"]
mod tests;

use std::{
    env,
    error::Error,
    future::poll_fn,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use actix_web::rt::time::{sleep, timeout};
use secure_session::{
    Appended, Key, Page, Position, RejectReason, RevocationEntry, RevocationStore,
    RevocationStoreError, Revocations, SecureSession, StoreFuture, codec::Codec,
};
use tokio::{
    sync::{Mutex, Notify},
    task::JoinSet,
};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls};

/// The lock is for processes that start together. The state is one row: the last id and the highest
/// number, which stay when rows are deleted.
const CREATE: &str = "
    SELECT pg_advisory_xact_lock(hashtext('revocations'));
    CREATE TABLE IF NOT EXISTS revocations (id bigint PRIMARY KEY, entry bytea, ends timestamptz);
    CREATE INDEX IF NOT EXISTS revocations_by_end ON revocations (ends);
    CREATE TABLE IF NOT EXISTS revocation_state AS SELECT 0::bigint AS last_id, 0::bigint AS highest;";

/// Locks the state until the commit. So writers take turns, and rows become visible in the order of
/// their ids. With ids of a sequence, a reader passes row 2, then the transaction that drew 1 commits.
const STATE: &str = "SELECT last_id, highest FROM revocation_state FOR UPDATE";

const INSERT: &str = "INSERT INTO revocations SELECT $1 + place, entry, ends
    FROM unnest($2::bytea[], $3::timestamptz[]) WITH ORDINALITY AS new (entry, ends, place)";

const UPDATE: &str = "UPDATE revocation_state SET last_id = $1, highest = $2";

/// Clocks may differ. The newest row stays, so that a reader that is at it finds it again.
const DELETE: &str = "DELETE FROM revocations WHERE id IN
    (SELECT id FROM revocations
     WHERE ends < now() - interval '15 minutes' AND id < (SELECT max(id) FROM revocations) LIMIT 1000)";

/// The last row that was read, a page, and one row more if the page is not the last.
const READ: &str = "SELECT id, entry FROM revocations WHERE id >= $1 ORDER BY id LIMIT 1002";
const PAGE: usize = 1000;

/// Its connections are not encrypted: for a server on another machine, replace `NoTls`.
struct PostgresStore {
    config: Config,
    appending: Mutex<Option<Connection>>,
    reading: Mutex<Option<Connection>>,
}

impl PostgresStore {
    fn new(config: Config) -> Self {
        Self {
            config,
            appending: Mutex::default(),
            reading: Mutex::default(),
        }
    }
}

impl RevocationStore for PostgresStore {
    fn append<'a>(&'a self, entries: &'a [RevocationEntry]) -> StoreFuture<'a, Appended> {
        Box::pin(async move {
            let mut place = self.appending.lock().await;
            let mut connection = Connection::take(&mut place, &self.config, "").await?;
            let stored = connection.append(entries).await.map_err(error)?;
            *place = Some(connection);
            Ok(Appended::of(&stored))
        })
    }

    fn read<'a>(&'a self, after: &'a Position, wait: Duration) -> StoreFuture<'a, Page> {
        Box::pin(async move {
            let began = Instant::now();
            let mut place = self.reading.lock().await;
            // It listens before it reads, so that it misses nothing.
            let listen = "LISTEN revocations";
            let connection = Connection::take(&mut place, &self.config, listen).await?;
            loop {
                let page = connection.page_after(after).await?;
                let left = wait.saturating_sub(began.elapsed());
                if !page.entries.is_empty() || left.is_zero() {
                    *place = Some(connection);
                    return Ok(page);
                }
                // Read once more when the time is over, so that the page is current.
                drop(timeout(left, connection.changed.notified()).await);
            }
        })
    }
}

struct Connection {
    client: Client,
    /// Notified when entries arrive, and when the connection ends.
    changed: Arc<Notify>,
    /// The task that reads and writes the socket. It ends when this is dropped.
    _task: JoinSet<()>,
}

impl Connection {
    /// Takes the connection from its place, or opens one. A call puts it back when it succeeds, so
    /// after a failure, or if the call is dropped, the next one opens another.
    async fn take(
        place: &mut Option<Self>,
        config: &Config,
        listen: &str,
    ) -> Result<Self, RevocationStoreError> {
        match place.take().filter(|taken| !taken.client.is_closed()) {
            Some(taken) => Ok(taken),
            None => Self::open(config, listen).await.map_err(error),
        }
    }

    async fn open(config: &Config, listen: &str) -> Result<Self, tokio_postgres::Error> {
        let (client, mut connection) = config.connect(NoTls).await?;
        let changed = Arc::new(Notify::new());
        let notify = Arc::clone(&changed);
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
                if matches!(message, AsyncMessage::Notification(_)) {
                    notify.notify_one();
                }
            }
            notify.notify_one();
        });
        client.batch_execute(&format!("{CREATE} {listen}")).await?;
        Ok(Self {
            client,
            changed,
            _task: task,
        })
    }

    /// Appends entries, and returns them with their numbers.
    async fn append(
        &mut self,
        entries: &[RevocationEntry],
    ) -> Result<Vec<RevocationEntry>, tokio_postgres::Error> {
        let transaction = self.client.transaction().await?;
        let state = transaction.query_one(STATE, &[]).await?;
        let (last_id, highest): (i64, i64) = (state.try_get(0)?, state.try_get(1)?);
        // Numbers are at most the highest `bigint`.
        let mut highest = highest.cast_unsigned();
        let number = |entry: &RevocationEntry| {
            let number = RevocationEntry::next_number(highest, SystemTime::now());
            let entry = entry.with_number(number);
            highest = highest.max(entry.number().unwrap_or(0));
            entry
        };
        let stored: Vec<_> = entries.iter().map(number).collect();
        let bytes: Vec<_> = stored.iter().map(|row| row.as_bytes().as_slice()).collect();
        let ends: Vec<_> = stored.iter().map(RevocationEntry::expires_at).collect();
        let count = transaction
            .execute(INSERT, &[&last_id, &bytes, &ends])
            .await?;
        let last_id = last_id.saturating_add_unsigned(count);
        let highest = highest.cast_signed();
        transaction.execute(UPDATE, &[&last_id, &highest]).await?;
        transaction.execute(DELETE, &[]).await?;
        transaction.batch_execute("NOTIFY revocations").await?;
        transaction.commit().await?;
        Ok(stored)
    }

    async fn page_after(&self, after: &Position) -> Result<Page, RevocationStoreError> {
        let last = last_row(after);
        let from = last.map_or(0, |(id, _)| id);
        let rows = self.client.query(READ, &[&from]).await.map_err(error)?;
        let row = |row: &tokio_postgres::Row| {
            let (id, bytes): (i64, &[u8]) = (row.try_get(0)?, row.try_get(1)?);
            Ok::<_, Box<dyn Error + Send + Sync>>((
                id,
                RevocationEntry::from_bytes(bytes.try_into()?),
            ))
        };
        let rows = rows.iter().map(row).collect::<Result<Vec<_>, _>>();
        let rows = rows.map_err(error)?;
        let next = match (last, rows.split_first()) {
            (None, _) => rows.as_slice(),
            (Some(last), Some((first, next))) if *first == last => next,
            // It was deleted because it had expired. Then there is a newer one.
            (Some((id, entry)), Some((first, _))) if first.0 != id && has_expired(entry) => &rows,
            // The tables were emptied or restored from a backup.
            _ => return Err(RevocationStoreError::Lost),
        };
        let page = next.get(..PAGE).unwrap_or(next);
        Ok(Page {
            entries: page.iter().map(|(_, entry)| *entry).collect(),
            position: page.last().map_or_else(|| after.clone(), position),
            is_last: next.len() <= PAGE,
        })
    }
}

/// A position is the last row that was read: its id and its entry.
fn position((id, entry): &(i64, RevocationEntry)) -> Position {
    Position::new([id.to_be_bytes().as_slice(), entry.as_bytes()].concat())
}

/// Returns the row of a position, or `None` at the start.
fn last_row(position: &Position) -> Option<(i64, RevocationEntry)> {
    let (id, entry) = position.as_bytes().split_first_chunk()?;
    let entry = RevocationEntry::from_bytes(entry.try_into().ok()?);
    Some((i64::from_be_bytes(*id), entry))
}

fn has_expired(entry: RevocationEntry) -> bool {
    let end = entry.expires_at();
    end.is_some_and(|end| end <= SystemTime::now())
}

fn error(source: impl Into<Box<dyn Error + Send + Sync>>) -> RevocationStoreError {
    RevocationStoreError::unavailable(source)
}

#[derive(SecureSession)]
#[session(revocable)]
struct Auth {
    #[session(identity)]
    user_id: Option<u64>,
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::var("POSTGRES_URL")
        .map_err(|_| "set POSTGRES_URL, such as to `host=localhost user=postgres`")?;
    let config: Config = url.parse()?;

    // As in two processes that share a key.
    let here = Revocations::with_store(PostgresStore::new(config.clone())).await?;
    let there = Revocations::with_store(PostgresStore::new(config)).await?;
    let key = Key::generate()?;
    let codec = |revocations| {
        let builder = Codec::<Auth>::builder(key.clone());
        builder.revocations(revocations).build()
    };
    let (codec_here, codec_there) = (codec(&here)?, codec(&there)?);

    let cookie = codec_here.seal(&Auth { user_id: Some(42) })?;
    let id = codec_there.open(&cookie)?.id();
    let began = Instant::now();
    here.revoke_session::<Auth>(id).await?;
    while codec_there.open(&cookie).err() != Some(RejectReason::Revoked) {
        if began.elapsed() > Duration::from_secs(5) {
            return Err("the other process still accepts the session".into());
        }
        sleep(Duration::from_millis(1)).await;
    }
    let millis = began.elapsed().as_millis();
    println!("The other process refuses the session, {millis} ms after it was revoked.");
    Ok(())
}
