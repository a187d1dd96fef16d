//! Notes and history in one SQLite file, searched by FTS5.

use super::{
    NOTES_KEPT, Owner, Result, Storage, StorageError, TURNS_KEPT, Turn, TurnRole, new_note, words,
};
use api::conversation::Note;
use futures::future::BoxFuture;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Schema changes in order; `user_version` counts those applied. Only ever append.
const MIGRATIONS: [&str; 1] = [include_str!("schema/001_notes_and_turns.sql")];
/// Words of a search that count.
const WORDS: usize = 16;

/// Three connections to one file: notes are on the disk when they are acknowledged, history may
/// lose its last moments in a power cut, and reads wait for neither.
pub struct Sqlite {
    notes: Arc<Mutex<Connection>>,
    turns: Arc<Mutex<Connection>>,
    read: Arc<Mutex<Connection>>,
}

impl Sqlite {
    /// Opens or makes the file (0600, in a folder of 0700).
    pub fn open(path: &Path) -> Result<Self> {
        make_file(path).map_err(|source| StorageError::File {
            path: path.into(),
            source,
        })?;
        let mut notes = connect(path, "full")?;
        migrate(&mut notes)?;
        let shared = |connection| Arc::new(Mutex::new(connection));
        Ok(Sqlite {
            notes: shared(notes),
            turns: shared(connect(path, "normal")?),
            read: shared(connect(path, "normal")?),
        })
    }
}

/// Runs a query on a thread that may block.
async fn run<T, F>(connection: &Arc<Mutex<Connection>>, query: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce(&mut Connection) -> Result<T> + Send + 'static,
{
    let connection = connection.clone();
    let run = move || query(&mut connection.lock().unwrap_or_else(PoisonError::into_inner));
    let done = tokio::task::spawn_blocking(run).await;
    done.map_err(|_| StorageError::Gone)?
}

fn make_file(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700).create(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    options.open(path).map(drop)
}

fn connect(path: &Path, synchronous: &str) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(StorageError::Settings(format!(
            "agent.db has schema {found}, this version knows {known}; start the newer version"
        )));
    }
    for sql in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(sql)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}

fn note(row: &Row<'_>) -> rusqlite::Result<Note> {
    Ok(Note {
        id: row.get("id")?,
        text: row.get("text")?,
        language: row.get("language")?,
        created_at: row.get("created_at")?,
    })
}

/// `"word" OR "other"*`: each quoted, so that none is an operator.
fn matching(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"*")).collect();
    quoted.join(" OR ")
}

fn search(db: &Connection, owner: &Owner, words: &[String], limit: usize) -> Result<Vec<Note>> {
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = db.prepare_cached(
        "SELECT n.id, n.text, n.language, n.created_at FROM notes_words w JOIN notes n ON n.row = w.rowid
         WHERE notes_words MATCH ?1 AND n.tenant = ?2 AND n.user = ?3 ORDER BY w.rank LIMIT ?4",
    )?;
    let arguments = params![matching(words), owner.tenant, owner.user, limit as i64];
    let found: Vec<Note> = query
        .query_map(arguments, note)?
        .collect::<rusqlite::Result<_>>()?;
    if !found.is_empty() {
        return Ok(found);
    }
    // Scripts without spaces are one word to FTS5: look inside it.
    let mut query = db.prepare_cached(
        "SELECT id, text, language, created_at FROM notes
         WHERE tenant = ?1 AND user = ?2 AND instr(lower(text), ?3) > 0 ORDER BY id DESC LIMIT ?4",
    )?;
    let arguments = params![owner.tenant, owner.user, words.join(" "), limit as i64];
    let found = query.query_map(arguments, note)?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

impl Storage for Sqlite {
    fn add_note<'a>(
        &'a self,
        owner: &'a Owner,
        text: &'a str,
        language: &'a str,
    ) -> BoxFuture<'a, Result<Note>> {
        let (owner, note) = (owner.clone(), new_note(text, language));
        Box::pin(run(&self.notes, move |db| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let count: i64 = transaction.query_row(
                "SELECT count(*) FROM notes WHERE tenant = ?1 AND user = ?2",
                params![owner.tenant, owner.user],
                |row| row.get(0),
            )?;
            if count >= NOTES_KEPT as i64 {
                return Err(StorageError::Full(NOTES_KEPT));
            }
            transaction.execute(
                "INSERT INTO notes (id, tenant, user, text, language, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![note.id, owner.tenant, owner.user, note.text, note.language, note.created_at],
            )?;
            transaction.commit()?;
            Ok(note)
        }))
    }

    fn notes<'a>(
        &'a self,
        owner: &'a Owner,
        before: Option<&'a str>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Note>>> {
        let (owner, before) = (owner.clone(), before.map(str::to_owned));
        Box::pin(run(&self.read, move |db| {
            let mut query = db.prepare_cached(
                "SELECT id, text, language, created_at FROM notes
                 WHERE tenant = ?1 AND user = ?2 AND (?3 IS NULL OR id < ?3) ORDER BY id DESC LIMIT ?4",
            )?;
            let found = query.query_map(
                params![owner.tenant, owner.user, before, limit as i64],
                note,
            )?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        }))
    }

    fn search_notes<'a>(
        &'a self,
        owner: &'a Owner,
        wanted: &'a str,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Note>>> {
        let (owner, wanted) = (owner.clone(), words(wanted, WORDS));
        Box::pin(run(&self.read, move |db| {
            search(db, &owner, &wanted, limit)
        }))
    }

    fn delete_note<'a>(&'a self, owner: &'a Owner, id: &'a str) -> BoxFuture<'a, Result<bool>> {
        let (owner, id) = (owner.clone(), id.to_owned());
        Box::pin(run(&self.notes, move |db| {
            let sql = "DELETE FROM notes WHERE tenant = ?1 AND user = ?2 AND id = ?3";
            Ok(db.execute(sql, params![owner.tenant, owner.user, id])? > 0)
        }))
    }

    fn delete_notes<'a>(&'a self, owner: &'a Owner) -> BoxFuture<'a, Result<u64>> {
        let owner = owner.clone();
        Box::pin(run(&self.notes, move |db| {
            let sql = "DELETE FROM notes WHERE tenant = ?1 AND user = ?2";
            Ok(db.execute(sql, params![owner.tenant, owner.user])? as u64)
        }))
    }

    fn turns<'a>(&'a self, owner: &'a Owner, limit: usize) -> BoxFuture<'a, Result<Vec<Turn>>> {
        let owner = owner.clone();
        Box::pin(run(&self.read, move |db| {
            let mut query = db.prepare_cached(
                "SELECT role, text FROM turns WHERE tenant = ?1 AND user = ?2 AND device = ?3
                 ORDER BY row DESC LIMIT ?4",
            )?;
            let turn = |row: &Row<'_>| {
                Ok(Turn {
                    role: TurnRole::of(&row.get::<_, String>(0)?),
                    text: row.get(1)?,
                })
            };
            let arguments = params![owner.tenant, owner.user, owner.device, limit as i64];
            let found = query.query_map(arguments, turn)?;
            let mut turns: Vec<Turn> = found.collect::<rusqlite::Result<_>>()?;
            turns.reverse();
            Ok(turns)
        }))
    }

    fn add_turns<'a>(&'a self, owner: &'a Owner, turns: Vec<Turn>) -> BoxFuture<'a, Result<()>> {
        let owner = owner.clone();
        Box::pin(run(&self.turns, move |db| {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let now = jiff::Timestamp::now().to_string();
            for turn in turns {
                transaction.execute(
                    "INSERT INTO turns (tenant, user, device, role, text, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    params![owner.tenant, owner.user, owner.device, turn.role.as_str(), turn.text, now],
                )?;
            }
            let first_lost: Option<i64> = transaction
                .query_row(
                    "SELECT row FROM turns WHERE tenant = ?1 AND user = ?2 AND device = ?3
                     ORDER BY row DESC LIMIT 1 OFFSET ?4",
                    params![owner.tenant, owner.user, owner.device, TURNS_KEPT as i64],
                    |row| row.get(0),
                )
                .optional()?;
            if let Some(row) = first_lost {
                transaction.execute(
                    "DELETE FROM turns WHERE tenant = ?1 AND user = ?2 AND device = ?3 AND row <= ?4",
                    params![owner.tenant, owner.user, owner.device, row],
                )?;
            }
            Ok(transaction.commit()?)
        }))
    }

    fn delete_turns<'a>(&'a self, owner: &'a Owner) -> BoxFuture<'a, Result<u64>> {
        let owner = owner.clone();
        Box::pin(run(&self.turns, move |db| {
            let sql = "DELETE FROM turns WHERE tenant = ?1 AND user = ?2 AND device = ?3";
            Ok(db.execute(sql, params![owner.tenant, owner.user, owner.device])? as u64)
        }))
    }
}
