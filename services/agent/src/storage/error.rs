//! What goes wrong with storage.

use api::ErrorCode;
use service::ApiError;
use std::path::PathBuf;

/// Why notes or history cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The folder of the database cannot be made.
    #[error("{} cannot be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite says no.
    #[error("the notes database failed")]
    Sql(#[from] rusqlite::Error),
    /// A setting is missing or makes no sense.
    #[error("{0}")]
    Settings(String),
    /// Firestore or Google's token service did not do what was asked.
    #[error("Firestore {0}")]
    Remote(String),
    /// Nothing is kept in HIPAA mode.
    #[error("notes and history are not kept in HIPAA_MODE")]
    Off,
    /// A user has as many notes as there may be.
    #[error("there are {0} notes already; delete some first")]
    Full(usize),
    /// The thread that ran the query is gone.
    #[error("a query panicked")]
    Gone,
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Remote(_) => {
                ApiError::new(ErrorCode::UpstreamFailed, format!("{error}."))
            }
            StorageError::Off => ApiError::new(
                ErrorCode::NotConfigured,
                "Notes and history are not kept while HIPAA_MODE is on.",
            ),
            StorageError::Full(_) => {
                ApiError::new(ErrorCode::Conflict, format!("There is no room: {error}."))
            }
            error => ApiError::internal(error),
        }
    }
}
