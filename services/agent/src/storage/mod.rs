//! Notes and history of users, in SQLite or in Firestore.

mod error;
mod firestore;
mod firestore_values;
mod google;
mod none;
mod owner;
mod settings;
mod sqlite;

pub use error::StorageError;
pub use owner::Owner;
pub use settings::{StorageMode, StorageSettings};

use api::conversation::Note;
use futures::future::BoxFuture;
use service::CommonConfig;
use std::sync::Arc;

/// Turns kept of each conversation.
pub const TURNS_KEPT: usize = 200;
/// Notes of one user at most.
pub const NOTES_KEPT: usize = 10_000;

/// What storage answers.
pub type Result<T> = std::result::Result<T, StorageError>;

/// One part of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who.
    pub role: TurnRole,
    /// Its words.
    pub text: String,
}

/// Whose part it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnRole {
    /// The person's.
    User,
    /// The model's.
    Assistant,
    /// What was done: a command carried out, a note kept.
    Event,
}

impl TurnRole {
    fn as_str(self) -> &'static str {
        match self {
            TurnRole::User => "user",
            TurnRole::Assistant => "assistant",
            TurnRole::Event => "event",
        }
    }

    fn of(text: &str) -> Self {
        match text {
            "assistant" => TurnRole::Assistant,
            "event" => TurnRole::Event,
            _ => TurnRole::User,
        }
    }
}

/// Where notes and history are. Everything is scoped by its [`Owner`].
pub trait Storage: Send + Sync {
    /// Keeps a note.
    fn add_note<'a>(
        &'a self,
        owner: &'a Owner,
        text: &'a str,
        language: &'a str,
    ) -> BoxFuture<'a, Result<Note>>;

    /// The newest notes first; those older than the note `before`, where it is given.
    fn notes<'a>(
        &'a self,
        owner: &'a Owner,
        before: Option<&'a str>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Note>>>;

    /// Notes with any of these words, best first.
    fn search_notes<'a>(
        &'a self,
        owner: &'a Owner,
        words: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Note>>>;

    /// Deletes a note; false when there is none.
    fn delete_note<'a>(&'a self, owner: &'a Owner, id: &'a str) -> BoxFuture<'a, Result<bool>>;

    /// Deletes every note of a user; how many there were.
    fn delete_notes<'a>(&'a self, owner: &'a Owner) -> BoxFuture<'a, Result<u64>>;

    /// The last turns of a conversation, oldest first.
    fn turns<'a>(&'a self, owner: &'a Owner, limit: usize) -> BoxFuture<'a, Result<Vec<Turn>>>;

    /// Appends turns; the oldest beyond [`TURNS_KEPT`] are deleted.
    fn add_turns<'a>(&'a self, owner: &'a Owner, turns: Vec<Turn>) -> BoxFuture<'a, Result<()>>;

    /// Deletes the conversation of a user with a device.
    fn delete_turns<'a>(&'a self, owner: &'a Owner) -> BoxFuture<'a, Result<u64>>;
}

/// Opens what the settings name.
///
/// # Errors
/// The file or the service-account key cannot be used.
pub fn open(settings: &StorageSettings, common: &CommonConfig) -> Result<Arc<dyn Storage>> {
    if common.hipaa_mode {
        tracing::info!("HIPAA_MODE: neither notes nor history are kept");
        return Ok(Arc::new(none::Nothing));
    }
    Ok(match settings.storage_mode {
        StorageMode::Sqlite => {
            let path = common.data_dir.join("agent").join("agent.db");
            Arc::new(sqlite::Sqlite::open(&path)?)
        }
        StorageMode::Firestore => Arc::new(firestore::Firestore::open(settings)?),
    })
}

/// An id that sorts by time.
fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A note made now.
fn new_note(text: &str, language: &str) -> Note {
    Note {
        id: new_id(),
        text: text.to_owned(),
        language: language.to_owned(),
        created_at: jiff::Timestamp::now().strftime("%FT%T%.3fZ").to_string(),
    }
}

/// The words of a text as they are searched: lower case, without marks, each once.
fn words(text: &str, most: usize) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let lower = text.to_lowercase();
    for word in lower.split(|letter: char| !letter.is_alphanumeric()) {
        if !word.is_empty() && words.len() < most && !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    words
}
