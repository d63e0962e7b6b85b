//! The store, on a real server.

use std::sync::atomic::{AtomicUsize, Ordering};

use secure_session::test_util::{StoreState, store_conformance};
use tokio::sync::MutexGuard;

use super::*;

/// Channels belong to the database, not to a schema, so tests that run at once would wake each
/// other.
static TURN: Mutex<()> = Mutex::const_new(());

const NAME: &str = "postgres_store_test";
const LONG: Duration = Duration::from_secs(10);

/// The server, with an empty schema of the test.
struct Server {
    config: Config,
    connection: Connection,
    _turn: MutexGuard<'static, ()>,
}

impl Server {
    async fn new() -> Self {
        let turn = TURN.lock().await;
        let url = env::var("POSTGRES_URL").expect(
            "these tests need a PostgreSQL server: install PostgreSQL and run `.ci/postgres`, or \
             set POSTGRES_URL, such as to `host=localhost user=postgres`",
        );
        let mut config: Config = url
            .parse()
            .expect("POSTGRES_URL must be a connection string");
        config.options(format!("-c search_path={NAME}"));
        let (client, connection) = config.connect(NoTls).await.expect(
            "the server of POSTGRES_URL must run; `.ci/postgres` starts one and runs these tests",
        );
        let mut task = JoinSet::new();
        task.spawn(async move { connection.await.unwrap() });
        let connection = Connection {
            client,
            changed: Arc::default(),
            _task: task,
        };
        config.application_name(NAME);
        let server = Self {
            config,
            connection,
            _turn: turn,
        };
        server.empty().await;
        server
    }

    async fn empty(&self) {
        let drop = format!("DROP SCHEMA IF EXISTS {NAME} CASCADE; CREATE SCHEMA {NAME}");
        self.run(&drop).await;
    }

    async fn run(&self, sql: &str) {
        self.connection.client.batch_execute(sql).await.unwrap();
    }

    /// Counts the connections of stores for which this is not null.
    async fn count(&self, what: &str) -> i64 {
        let sql =
            format!("SELECT count({what}) FROM pg_stat_activity WHERE application_name = '{NAME}'");
        let row = self.connection.client.query_one(&sql, &[]).await.unwrap();
        row.get(0)
    }

    async fn terminate_connections(&self) {
        assert_ne!(self.count("pg_terminate_backend(pid)").await, 0);
    }

    fn store(&self) -> PostgresStore {
        PostgresStore::new(self.config.clone())
    }

    async fn opened(&self, state: StoreState) -> PostgresStore {
        match state {
            StoreState::New => self.empty().await,
            StoreState::Emptied => self.run("DELETE FROM revocations").await,
            _ => {}
        }
        self.store()
    }
}

/// Appends through several stores, as several processes do.
struct Processes {
    stores: Vec<PostgresStore>,
    next: AtomicUsize,
}

impl RevocationStore for Processes {
    fn append<'a>(&'a self, entries: &'a [RevocationEntry]) -> StoreFuture<'a, Appended> {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        self.stores[next % self.stores.len()].append(entries)
    }

    fn read<'a>(&'a self, after: &'a Position, wait: Duration) -> StoreFuture<'a, Page> {
        self.stores[0].read(after, wait)
    }
}

/// Makes the entry of a session, which expires at this minute since 1970.
fn session(id: u16, until: u32) -> RevocationEntry {
    let mut bytes = [0; RevocationEntry::LEN];
    bytes[..2].copy_from_slice(&[1, 1]);
    bytes[2..4].copy_from_slice(&id.to_be_bytes());
    bytes[18..22].copy_from_slice(&until.to_be_bytes());
    let entry = RevocationEntry::from_bytes(bytes);
    assert!(entry.expires_at().is_some());
    entry
}

fn lasting(id: u16) -> RevocationEntry {
    session(id, u32::MAX)
}

async fn read(store: &PostgresStore, after: &Position) -> Page {
    store.read(after, Duration::ZERO).await.unwrap()
}

#[actix_web::test]
async fn store_conforms() {
    let server = Server::new().await;
    store_conformance(|state| server.opened(state)).await;
}

#[actix_web::test]
async fn store_conforms_with_several_processes() {
    let server = &Server::new().await;
    store_conformance(async |state| {
        let mut stores = vec![server.opened(state).await];
        stores.resize_with(8, || server.store());
        let next = AtomicUsize::new(0);
        Processes { stores, next }
    })
    .await;
}

#[actix_web::test]
async fn reader_does_not_pass_a_slow_writer() {
    let server = Server::new().await;
    let store = server.store();
    read(&store, &Position::START).await;
    let [first, second] = [[lasting(1)], [lasting(2)]];
    let hex = first[0]
        .as_bytes()
        .map(|byte| format!("{byte:02x}"))
        .concat();
    let begin = format!(
        "BEGIN; UPDATE revocation_state SET last_id = last_id + 1;
         INSERT INTO revocations SELECT last_id, decode('{hex}', 'hex') FROM revocation_state"
    );
    server.run(&begin).await;

    let (appended, page) = tokio::join!(store.append(&second), async {
        let wait = Duration::from_millis(100);
        let page = store.read(&Position::START, wait).await.unwrap();
        server.run("COMMIT").await;
        page
    });
    appended.unwrap();
    let rest = read(&store, &page.position).await;
    assert!([page.entries, rest.entries].concat() == [first, second].concat());
}

#[actix_web::test]
async fn entry_reaches_a_waiting_process_within_a_second() {
    let server = Server::new().await;
    let [here, there] = [server.store(), server.store()];
    for (reader, writer, id) in [(&there, &here, 1), (&here, &there, 2)] {
        let mut position = Position::START;
        loop {
            let page = read(reader, &position).await;
            position = page.position;
            if page.is_last {
                break;
            }
        }
        let entries = [lasting(id)];
        let (page, appended) = tokio::join!(
            timeout(Duration::from_secs(1), reader.read(&position, LONG)),
            writer.append(&entries)
        );
        appended.unwrap();
        assert!(page.unwrap().unwrap().entries == entries);
    }
}

#[actix_web::test]
async fn ended_connections_are_replaced() {
    let server = Server::new().await;
    let store = server.store();
    store.append(&[lasting(1)]).await.unwrap();
    let first = read(&store, &Position::START).await;

    let (waiting, ()) = tokio::join!(
        timeout(LONG / 2, store.read(&first.position, LONG)),
        server.terminate_connections()
    );
    assert!(waiting.unwrap().is_err(), "a read must notice it");
    // The store may notice the end of the other connection only when it uses it.
    if store.append(&[lasting(2)]).await.is_err() {
        store.append(&[lasting(2)]).await.unwrap();
    }
    assert!(read(&store, &first.position).await.entries == [lasting(2)]);
}

#[actix_web::test]
async fn dropped_append_leaves_no_transaction_open() {
    let server = Server::new().await;
    let store = server.store();
    store.append(&[lasting(1)]).await.unwrap();
    server.run("BEGIN; LOCK TABLE revocation_state").await;
    let entries = [lasting(2)];
    let append = timeout(Duration::from_millis(50), store.append(&entries));
    assert!(append.await.is_err(), "it must wait for the lock");
    server.run("COMMIT").await;

    store.append(&[lasting(3)]).await.unwrap();
    assert_eq!(
        server.count("nullif(state LIKE 'idle in%', false)").await,
        0
    );
    let entries = read(&store, &Position::START).await.entries;
    assert!(entries.contains(&lasting(1)) && entries.contains(&lasting(3)));
}

#[actix_web::test]
async fn pages_say_whether_they_are_the_last() {
    let server = Server::new().await;
    let store = server.store();
    let entries: Vec<_> = (0..3000).map(lasting).collect();
    for piece in entries.chunks(500) {
        store.append(piece).await.unwrap();
    }
    let mut position = Position::START;
    for (rows, is_last) in [
        (0..1000, false),
        (1000..2000, false),
        (2000..3000, true),
        (3000..3000, true),
    ] {
        let page = read(&store, &position).await;
        assert!(page.entries == entries[rows]);
        assert_eq!(page.is_last, is_last);
        position = page.position;
    }
}

#[actix_web::test]
async fn deleted_expired_entry_is_not_lost() {
    let server = Server::new().await;
    let store = server.store();
    store.append(&[session(1, 1)]).await.unwrap();
    let first = read(&store, &Position::START).await;
    store.append(&[lasting(2)]).await.unwrap();

    let all = read(&store, &Position::START).await;
    assert!(
        all.entries == [lasting(2)],
        "the expired entry must be deleted"
    );
    assert!(read(&store, &first.position).await.entries == [lasting(2)]);
}

#[actix_web::test]
async fn emptied_table_is_a_loss_if_the_last_entry_has_expired() {
    let server = Server::new().await;
    let store = server.store();
    store.append(&[session(1, 1)]).await.unwrap();
    let page = read(&store, &Position::START).await;
    assert!(read(&store, &page.position).await.entries.is_empty());
    server.run("DELETE FROM revocations").await;
    let read = store.read(&page.position, Duration::ZERO).await;
    assert!(matches!(read, Err(RevocationStoreError::Lost)));
}

#[actix_web::test]
async fn other_row_at_the_position_is_a_loss() {
    let server = Server::new().await;
    let store = server.store();
    store.append(&[lasting(1)]).await.unwrap();
    let page = read(&store, &Position::START).await;
    server.empty().await;
    // The tables are gone, so the connections are replaced, which makes new tables.
    assert!(store.append(&[lasting(2)]).await.is_err());
    store.append(&[lasting(2)]).await.unwrap();
    let read = store.read(&page.position, Duration::ZERO).await;
    assert!(matches!(read, Err(RevocationStoreError::Lost)));
}

#[test]
fn manual_shows_the_statements_of_the_store() {
    let manual = include_str!("../../secure-session/src/manual/revocation.md");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for statement in [STATE, INSERT, UPDATE, DELETE, READ] {
        assert!(words(manual).contains(&words(statement)), "{statement}");
    }
}
