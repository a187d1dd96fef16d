//! Where notes and history are kept, from the environment or the same flags.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Settings of storage.
#[derive(Debug, Clone, Args)]
pub struct StorageSettings {
    /// Where notes and history are kept
    #[arg(long, env = "STORAGE_MODE", value_enum, default_value_t = StorageMode::Sqlite)]
    pub storage_mode: StorageMode,

    /// File with the key of the service account that Firestore is used as
    #[arg(long, env = "GOOGLE_APPLICATION_CREDENTIALS")]
    pub google_application_credentials: Option<PathBuf>,

    /// Where Firestore answers
    #[arg(
        long,
        env = "FIRESTORE_URL",
        default_value = "https://firestore.googleapis.com/"
    )]
    pub firestore_url: String,

    /// Name of the database in the key's project
    #[arg(long, env = "FIRESTORE_DATABASE", default_value = "(default)")]
    pub firestore_database: String,
}

/// Where notes and history are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StorageMode {
    /// A file in `DATA_DIR`.
    Sqlite,
    /// Google Cloud Firestore.
    Firestore,
}
