//! `gateway copy-database FROM TO`: a whole copy of a SQLite database that others write to.

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a writer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// One of the two databases.
    #[error("{path}: {source}")]
    Sql {
        /// Which file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The new file cannot be made.
    #[error("{path} cannot be made: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The copy is not whole.
    #[error("{path} is damaged: {found}")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What SQLite's check says.
        found: String,
    },
}

/// Copies page by page in one read transaction, which holds no writer up (WAL), and checks what
/// came out. `to` must not exist; it is made readable by its owner only.
pub fn copy(from: &Path, to: &Path) -> Result<(), CopyError> {
    let sql = |path: &Path| {
        let path = path.to_owned();
        move |source| CopyError::Sql { path, source }
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(from, flags).map_err(sql(from))?;
    source.busy_timeout(PATIENCE).map_err(sql(from))?;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .map_err(|source| CopyError::File {
            path: to.to_owned(),
            source,
        })?;
    let mut target = Connection::open_with_flags(to, flags).map_err(sql(to))?;
    Backup::new(&source, &mut target)
        .and_then(|backup| backup.run_to_completion(i32::MAX, Duration::from_millis(50), None))
        .map_err(sql(from))?;
    let check = "PRAGMA quick_check(1)";
    let found: String = target
        .query_row(check, [], |row| row.get(0))
        .map_err(sql(to))?;
    if found != "ok" {
        return Err(CopyError::Damaged {
            path: to.to_owned(),
            found,
        });
    }
    // One file, without the journals of the original's mode.
    let journal = "PRAGMA journal_mode = delete";
    target.query_row(journal, [], |_| Ok(())).map_err(sql(to))?;
    target.close().map_err(|(_, error)| sql(to)(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_copy_has_what_was_committed_while_the_original_is_written_to() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a.db"), folder.path().join("b.db"));
        let writer = Connection::open(&from).unwrap();
        writer.pragma_update(None, "journal_mode", "wal").unwrap();
        writer
            .execute_batch(
                "CREATE TABLE t (x); INSERT INTO t VALUES (1); BEGIN; INSERT INTO t VALUES (2);",
            )
            .unwrap();
        copy(&from, &to).unwrap();
        writer.execute_batch("COMMIT").unwrap();
        let copied = Connection::open(&to).unwrap();
        let rows: i64 = copied
            .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 1);
        let mode = std::fs::metadata(&to).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!folder.path().join("b.db-wal").exists());
    }

    #[test]
    fn what_is_there_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("a.db");
        drop(Connection::open(&from).unwrap());
        std::fs::write(folder.path().join("b.db"), "precious").unwrap();
        let error = copy(&from, &folder.path().join("b.db")).unwrap_err();
        assert!(matches!(error, CopyError::File { .. }), "{error}");
        let missing = copy(&folder.path().join("no.db"), &folder.path().join("c.db"));
        assert!(missing.is_err());
    }
}
