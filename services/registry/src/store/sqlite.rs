//! The SQLite file: one connection that writes, a few that read, and a lock against a second
//! process.
//!
//! SQLite has one writer at a time anyway; making it one connection turns lock contention into a
//! queue with a limit. The lock is a file of its own beside the database: SQLite's exclusive
//! locking mode would shut out our own readers too, and its ordinary locks would let two
//! registries give out the same versions to their watchers without knowing of each other. The
//! system takes it back when the process dies.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    ConnectOptions, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::session::Session;
use crate::Error;

/// Connections that read at the same time; more would only wait for the same cores.
const READERS_MAX: u32 = 4;

/// How long a call waits for a connection before it is UNAVAILABLE.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long SQLite waits for a lock of somebody else's tool, such as a backup.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Page cache of the writer: the inner pages of the indexes of some million names.
const WRITER_CACHE_KIB: &str = "-65536";

/// Pages of the write-ahead log after which it is moved into the database (64 MiB). A chunk of an
/// import writes a page of the name index for nearly every name; this way many chunks share the
/// moving of it.
const CHECKPOINT_PAGES: &str = "16384";

/// Rows that SQLite's thread reads ahead of ours; fewer would wake a thread for each of them.
const ROWS_AHEAD: usize = 128;

/// The steps from an empty file to the tables of this version. A step that was released is never
/// changed: it is compared with the one that made the file.
const STEPS: [(i64, &str, &str); 3] = [
    (1, "catalogue", include_str!("../../migrations/sqlite/0001_catalogue.sql")),
    (2, "life", include_str!("../../migrations/sqlite/0002_life.sql")),
    (3, "by hand", include_str!("../../migrations/sqlite/0003_by_hand.sql")),
];

/// The connections to one catalogue.
#[derive(Debug)]
pub(super) struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
    _lock: Option<File>,
}

impl Sqlite {
    pub(super) async fn in_file(path: &Path) -> Result<Self, Error> {
        let lock = lock(path)?;
        let options = options().filename(path);
        let writer = options
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", WRITER_CACHE_KIB)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES);
        let writer = pool(1).connect_with(writer).await?;
        let readers = pool(READERS_MAX).connect_lazy_with(options.read_only(true));
        Self { writer, readers, _lock: Some(lock) }.up_to_date().await
    }

    /// One connection for everything: a second one would see another memory.
    pub(super) async fn in_memory() -> Result<Self, Error> {
        let writer = pool(1).connect_with(options().in_memory(true)).await?;
        Self { readers: writer.clone(), writer, _lock: None }.up_to_date().await
    }

    async fn up_to_date(self) -> Result<Self, Error> {
        Migrator::with_migrations(super::migrations(&STEPS)).run(&self.writer).await?;
        Ok(self)
    }

    pub(super) async fn read(&self) -> Result<Session, sqlx::Error> {
        Ok(Session::Sqlite(self.readers.begin().await?))
    }

    /// A transaction that writes from its first statement on: one that began by reading could not.
    pub(super) async fn write(&self) -> Result<Session, sqlx::Error> {
        Ok(Session::Sqlite(self.writer.begin_with("BEGIN IMMEDIATE").await?))
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        // Last, because the last connection moves the write-ahead log into the database.
        self.writer.close().await;
    }
}

fn options() -> SqliteConnectOptions {
    // Statements of a thousand placeholders make no log lines.
    SqliteConnectOptions::new()
        .busy_timeout(BUSY_TIMEOUT)
        .row_buffer_size(ROWS_AHEAD)
        .disable_statement_logging()
}

/// A pool whose connections never expire: one in memory would take the catalogue with it.
fn pool(connections_max: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Takes the lock of a catalogue and makes its folder.
fn lock(path: &Path) -> Result<File, Error> {
    let failed = |source| Error::File { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let file = File::create(lock_path(path)).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
