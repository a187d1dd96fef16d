//! What can keep the gateway from starting or its storage from answering.

use service::ApiError;
use std::path::{Path, PathBuf};

/// Errors of the gateway that are not a client's doing.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The database cannot be opened or written.
    #[error("the token database {path} cannot be used: {source}; {advice}")]
    Open {
        /// `AUTH_DB_PATH`.
        path: PathBuf,
        /// What to do.
        advice: &'static str,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// A newer version of the gateway wrote the database.
    #[error(
        "the token database {path} has schema {found}, this version knows {known}: start the newer version, or set another AUTH_DB_PATH"
    )]
    Newer {
        /// `AUTH_DB_PATH`.
        path: PathBuf,
        /// Schema in the file.
        found: i64,
        /// Schema of this version.
        known: i64,
    },
    /// An older version wrote the database, and it cannot be brought up to date.
    #[error(
        "the token database {path} is of an older version and on a read-only file system: start once with it writable"
    )]
    Older {
        /// `AUTH_DB_PATH`.
        path: PathBuf,
    },
    /// A file or folder beside the database.
    #[error("cannot use {path}: {source}; AUTH_DB_PATH must be in a folder this user can write")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A query failed after the start.
    #[error("token database: {0}")]
    Sql(#[from] rusqlite::Error),
    /// The thread that ran a query is gone.
    #[error("the database thread ended")]
    Gone,
    /// A setting that cannot be used.
    #[error("{0}")]
    Setting(String),
    /// The key of HIPAA mode cannot be used.
    #[error(transparent)]
    Sealing(#[from] sealing::Error),
    /// No shared secret.
    #[error(transparent)]
    Secret(#[from] service::secret::SecretError),
    /// The operating system has no randomness, or the client for remote tokens cannot be made.
    #[error("{0}")]
    System(String),
}

impl GatewayError {
    /// An error of SQLite while opening, with advice.
    pub fn open(path: &Path, source: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase,
            ReadOnly,
        };
        let source = match source {
            rusqlite::Error::ToSqlConversionFailure(inner) => {
                match inner.downcast::<sealing::Error>() {
                    Ok(error) => return GatewayError::Sealing(*error),
                    Err(inner) => rusqlite::Error::ToSqlConversionFailure(inner),
                }
            }
            source => source,
        };
        let advice = match source.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => {
                "the file is damaged: restore a backup, or move it away and start again (its tokens will then be unknown)"
            }
            Some(ReadOnly | CannotOpen) => {
                "make the file and its folder writable for this user, or set another AUTH_DB_PATH"
            }
            Some(DiskFull) => "the disk is full",
            Some(DatabaseBusy | DatabaseLocked) => "another process holds it",
            _ => "see the message of SQLite",
        };
        GatewayError::Open {
            path: path.into(),
            advice,
            source,
        }
    }
}

impl From<GatewayError> for ApiError {
    fn from(error: GatewayError) -> Self {
        use rusqlite::ErrorCode::{DiskFull, ReadOnly, SystemIoFailure};
        match &error {
            // Not a defect, and mended without us.
            GatewayError::Sql(sql)
                if matches!(
                    sql.sqlite_error_code(),
                    Some(DiskFull | ReadOnly | SystemIoFailure)
                ) =>
            {
                tracing::error!(%error, "the token database cannot be written");
                ApiError::not_ready(
                    "The gateway cannot write to its disk now. Nothing was changed.",
                )
            }
            _ => ApiError::internal(error),
        }
    }
}
