//! The SQLite file: opening, permissions, schema, and queries off the async threads.

use crate::error::GatewayError;
use rusqlite::{Connection, OpenFlags};
use sealing::Sealer;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Schema changes in order; the file's `user_version` counts those applied. Only ever append.
const MIGRATIONS: [&str; 3] = [
    include_str!("schema/001_tokens_and_usage.sql"),
    include_str!("schema/002_characters.sql"),
    include_str!("schema/003_people.sql"),
];

/// 1 MiB of pages: the token list lives in our own memory.
const CACHE: i64 = -1024;

/// Two connections to one file: WAL lets long reads of usage run beside writes.
#[derive(Debug, Clone)]
pub struct Db {
    write: Arc<Mutex<Connection>>,
    read: Arc<Mutex<Connection>>,
    sealer: Sealer,
}

impl Db {
    /// Opens or makes the file (0600, in a folder of 0700) and brings its schema up to date.
    ///
    /// On a read-only file system it is opened as it is: tokens are known, writes fail.
    pub fn open(path: &Path, sealer: Sealer) -> Result<Self, GatewayError> {
        match make_file(path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::ReadOnlyFilesystem && path.exists() => {
                return Self::open_read_only(path, sealer);
            }
            Err(source) => {
                let path = path.into();
                return Err(GatewayError::File { path, source });
            }
        }
        let mut write = connect(path).map_err(|source| GatewayError::open(path, source))?;
        migrate(&mut write, path)?;
        let read = connect(path).map_err(|source| GatewayError::open(path, source))?;
        Ok(Db {
            write: Arc::new(Mutex::new(write)),
            read: Arc::new(Mutex::new(read)),
            sealer,
        })
    }

    fn open_read_only(path: &Path, sealer: Sealer) -> Result<Self, GatewayError> {
        tracing::error!(path = %path.display(), "the file system is read-only: tokens are known, but none can be made or revoked, and usage cannot be written");
        let open = || -> rusqlite::Result<Connection> {
            let connection = connect_read_only(path, "mode=ro")
                // Without a journal beside it SQLite wants to be told that nobody writes.
                .or_else(|_| connect_read_only(path, "immutable=1"))?;
            connection.pragma_update(None, "cache_size", CACHE)?;
            Ok(connection)
        };
        let write = open().map_err(|source| GatewayError::open(path, source))?;
        let read = open().map_err(|source| GatewayError::open(path, source))?;
        let found: i64 = read
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .map_err(|source| GatewayError::open(path, source))?;
        let (path, known) = (path.to_owned(), MIGRATIONS.len() as i64);
        match found {
            _ if found > known => Err(GatewayError::Newer { path, found, known }),
            _ if found < known => Err(GatewayError::Older { path }),
            _ => Ok(Db {
                write: Arc::new(Mutex::new(write)),
                read: Arc::new(Mutex::new(read)),
                sealer,
            }),
        }
    }

    /// Seals what is stored of people, in HIPAA mode.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Runs a query that writes, on a thread that may block.
    pub async fn write<T, F>(&self, query: F) -> Result<T, GatewayError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        blocking(self.write.clone(), query).await
    }

    /// Runs a query that only reads, on a thread that may block.
    pub async fn read<T, F>(&self, query: F) -> Result<T, GatewayError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        blocking(self.read.clone(), query).await
    }

    /// Runs a query on this thread, which must be one that may block.
    pub fn write_here<T>(
        &self,
        query: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        query(&mut lock(&self.write))
    }
}

async fn blocking<T, F>(connection: Arc<Mutex<Connection>>, query: F) -> Result<T, GatewayError>
where
    T: Send + 'static,
    F: FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
{
    let run = move || query(&mut lock(&connection));
    Ok(tokio::task::spawn_blocking(run)
        .await
        .map_err(|_| GatewayError::Gone)??)
}

/// A panic inside a query leaves SQLite itself whole: its transaction was rolled back.
fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

/// SQLite gives the files beside the database its own mode, so only this one has to be made by hand.
fn make_file(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let file = fs::OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // A token that was answered must survive a power cut; usage comes in batches anyway.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What is deleted or replaced is not left in free pages.
    connection.pragma_update(None, "secure_delete", true)?;
    connection.pragma_update(None, "cache_size", CACHE)?;
    Ok(connection)
}

/// Opens the file for reading, and reads something of it: SQLite opens it no sooner.
fn connect_read_only(path: &Path, how: &str) -> rusqlite::Result<Connection> {
    // Of an address, these would end the path (https://www.sqlite.org/uri.html).
    let path = path.to_string_lossy().replace('%', "%25");
    let path = path.replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(format!("file:{path}?{how}"), flags)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), GatewayError> {
    let known = MIGRATIONS.len() as i64;
    let run = |connection: &mut Connection| -> rusqlite::Result<i64> {
        // Immediate: of several processes that start at once, one migrates, the others wait.
        let transaction =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        for sql in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
            transaction.execute_batch(sql)?;
        }
        if found < known {
            transaction.pragma_update(None, "user_version", known)?;
        }
        transaction.commit()?;
        Ok(found)
    };
    match run(connection).map_err(|source| GatewayError::open(path, source))? {
        found if found > known => Err(GatewayError::Newer {
            path: path.into(),
            found,
            known,
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(path: &Path) -> String {
        Db::open(path, Sealer::none()).unwrap_err().to_string()
    }

    #[test]
    fn a_damaged_file_is_reported_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.db");
        fs::write(
            &path,
            "this is not a database, whatever its name says".repeat(50),
        )
        .unwrap();
        let message = refusal(&path);
        assert!(
            message.contains("tokens.db") && message.contains("restore a backup"),
            "{message}"
        );
    }

    #[test]
    fn a_folder_in_its_place_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let message = refusal(folder.path());
        assert!(message.contains("AUTH_DB_PATH"), "{message}");
    }

    #[test]
    fn a_file_of_a_newer_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.db");
        let db = Db::open(&path, Sealer::none()).unwrap();
        db.write_here(|connection| connection.pragma_update(None, "user_version", 99))
            .unwrap();
        assert!(refusal(&path).contains("schema 99"));
    }

    #[test]
    fn only_the_owner_can_read_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth").join("tokens.db");
        let db = Db::open(&path, Sealer::none()).unwrap();
        db.write_here(|connection| connection.execute("DELETE FROM usage", []))
            .unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
            let file = entry.unwrap().path();
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }
}
