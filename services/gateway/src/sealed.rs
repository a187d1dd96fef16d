//! What is stored of tokens and people, sealed in HIPAA mode: the hash of a token, whose it is, its
//! label and prefix; of usage, who it is about.

use crate::db::Db;
use crate::error::GatewayError;
use crate::token::TokenHash;
use rusqlite::{Connection, params};
use sealing::rotation::Rotation;
use sealing::{KeyId, Sealer};
use std::collections::HashMap;
use std::time::Duration;

/// What rotations call the token database.
pub const STORE: &str = "tokens";
/// How often it is looked whether the key has changed.
const LOOK: Duration = Duration::from_secs(1);
/// Until every process has seen a new key: each looks once a second.
const SETTLE: Duration = Duration::from_secs(3);
/// Before a name's number in `usage.user_id`.
const NUMBER: char = '\u{1}';

/// Where a column of a token belongs.
fn place(column: &str, id: &str) -> String {
    format!("tokens.{column}/{id}")
}

/// A text of a token as it is stored.
pub fn seal(sealer: &Sealer, column: &str, id: &str, text: &str) -> rusqlite::Result<String> {
    sealer.seal_text(&place(column, id), text).map_err(failed)
}

/// A text of a token as it was.
pub fn open(sealer: &Sealer, column: &str, id: &str, text: String) -> rusqlite::Result<String> {
    sealer.open_text(&place(column, id), &text).map_err(failed)
}

/// A token's hash as it is stored.
pub fn seal_hash(sealer: &Sealer, id: &str, hash: TokenHash) -> rusqlite::Result<Vec<u8>> {
    sealer.seal(&place("hash", id), &hash.0).map_err(failed)
}

/// A token's hash as it was.
pub fn open_hash(sealer: &Sealer, id: &str, stored: &[u8]) -> rusqlite::Result<TokenHash> {
    let place = place("hash", id);
    let hash = sealer.open(&place, stored).map_err(failed)?;
    let hash = hash.try_into();
    hash.map(TokenHash)
        .map_err(|_| failed(sealing::Error::Damaged(place)))
}

/// Ids of tokens with this hash, revoked ones too.
pub fn ids_of(
    connection: &Connection,
    sealer: &Sealer,
    hash: TokenHash,
) -> rusqlite::Result<Vec<String>> {
    let mut query = connection.prepare("SELECT id, hash FROM tokens")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut ids = Vec::new();
    for row in rows {
        let (id, stored): (String, Vec<u8>) = row?;
        if open_hash(sealer, &id, &stored)? == hash {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// Names behind the numbers in usage rows.
#[derive(Debug, Default)]
pub struct People(HashMap<String, String>);

impl People {
    /// All there are.
    pub fn load(connection: &Connection, sealer: &Sealer) -> rusqlite::Result<Self> {
        let mut query = connection.prepare_cached("SELECT id, name FROM people")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut people = HashMap::new();
        for row in rows {
            let (id, name): (i64, String) = row?;
            people.insert(number(id), open_name(sealer, id, &name)?);
        }
        Ok(People(people))
    }

    /// Who a usage row is about.
    pub fn name(&self, user_id: String) -> String {
        self.0.get(&user_id).cloned().unwrap_or(user_id)
    }

    /// All that usage rows may have about somebody.
    pub fn of(&self, name: &str) -> Vec<String> {
        let numbers = self.0.iter().filter(|(_, known)| *known == name);
        let numbers = numbers.map(|(number, _)| number.clone());
        numbers.chain([name.to_owned()]).collect()
    }

    /// What a usage row about somebody has, which is written down if it is new.
    pub fn number(
        &mut self,
        connection: &Connection,
        sealer: &Sealer,
        name: &str,
    ) -> rusqlite::Result<String> {
        if !sealer.seals() {
            return Ok(name.to_owned());
        }
        let known = self.0.iter().find(|(_, known)| *known == name);
        if let Some((number, _)) = known {
            return Ok(number.clone());
        }
        connection.execute("INSERT INTO people (name) VALUES ('')", [])?;
        let id = connection.last_insert_rowid();
        let sealed = seal_name(sealer, id, name)?;
        let update = "UPDATE people SET name = ?2 WHERE id = ?1";
        connection.execute(update, params![id, sealed])?;
        self.0.insert(number(id), name.to_owned());
        Ok(number(id))
    }
}

fn number(id: i64) -> String {
    format!("{NUMBER}{id}")
}

fn seal_name(sealer: &Sealer, id: i64, name: &str) -> rusqlite::Result<String> {
    sealer
        .seal_text(&format!("people/{id}"), name)
        .map_err(failed)
}

fn open_name(sealer: &Sealer, id: i64, name: &str) -> rusqlite::Result<String> {
    sealer
        .open_text(&format!("people/{id}"), name)
        .map_err(failed)
}

fn failed(error: sealing::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

/// Checks that all of the database can be opened, and seals what is not sealed with the key that
/// seals. Must run where it may block.
pub fn seal_all(db: &Db) -> rusqlite::Result<()> {
    let sealer = db.sealer().clone();
    db.write_here(|connection| {
        let transaction = connection.transaction()?;
        let tokens = seal_tokens(&transaction, &sealer)?;
        let people = seal_people(&transaction, &sealer)?;
        transaction.commit()?;
        if tokens + people > 0 {
            // The log holds what was replaced until it is written over.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            tracing::info!(
                tokens,
                people,
                "the token database is encrypted with the key of now"
            );
        }
        Ok(())
    })
}

/// The same at the start, where a file that can only be read stays as it is.
pub fn seal_at_start(db: &Db) -> rusqlite::Result<()> {
    match seal_all(db) {
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ReadOnly) => {
            tracing::error!("the token database can only be read, so it is not encrypted yet");
            Ok(())
        }
        sealed => sealed,
    }
}

fn seal_tokens(connection: &Connection, sealer: &Sealer) -> rusqlite::Result<usize> {
    let mut query = connection.prepare("SELECT id, hash, user_id, label, prefix FROM tokens")?;
    let rows = query.query_map([], |row| {
        Ok((
            row.get(0)?,
            row.get(1)?,
            [row.get(2)?, row.get(3)?, row.get(4)?],
        ))
    })?;
    let mut sealed = 0;
    for row in rows {
        let (id, hash, [user, label, prefix]): (String, Vec<u8>, [String; 3]) = row?;
        let is_done = sealing::key_of(&hash) == sealer.current();
        let hash = open_hash(sealer, &id, &hash)?;
        let user = open(sealer, "user_id", &id, user)?;
        let label = open(sealer, "label", &id, label)?;
        let prefix = open(sealer, "prefix", &id, prefix)?;
        if is_done || !sealer.seals() {
            continue;
        }
        connection.execute(
            "UPDATE tokens SET hash = ?2, user_id = ?3, label = ?4, prefix = ?5 WHERE id = ?1",
            params![
                id,
                seal_hash(sealer, &id, hash)?,
                seal(sealer, "user_id", &id, &user)?,
                seal(sealer, "label", &id, &label)?,
                seal(sealer, "prefix", &id, &prefix)?
            ],
        )?;
        sealed += 1;
    }
    Ok(sealed)
}

fn seal_people(connection: &Connection, sealer: &Sealer) -> rusqlite::Result<usize> {
    let mut people = People::load(connection, sealer)?;
    if !sealer.seals() {
        return Ok(0);
    }
    let mut sealed = 0;
    let mut query = connection.prepare("SELECT id, name FROM people")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for row in rows {
        let (id, name): (i64, String) = row?;
        if sealing::key_of_text(&name) == sealer.current() {
            continue;
        }
        let name = seal_name(sealer, id, &open_name(sealer, id, &name)?)?;
        let update = "UPDATE people SET name = ?2 WHERE id = ?1";
        connection.execute(update, params![id, name])?;
        sealed += 1;
    }
    let mut query = connection.prepare("SELECT DISTINCT user_id FROM usage")?;
    let names: Vec<String> = query
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for name in names.iter().filter(|name| !name.starts_with(NUMBER)) {
        let number = people.number(connection, sealer, name)?;
        let update = "UPDATE usage SET user_id = ?2 WHERE user_id = ?1";
        connection.execute(update, params![name, number])?;
        sealed += 1;
    }
    Ok(sealed)
}

/// Seals anew when the key changes. Never ends.
pub async fn keep_sealed(db: Db, rotation: Rotation) {
    let mut sealed: Option<KeyId> = None;
    loop {
        if let Some(key) = db.sealer().current().filter(|key| sealed != Some(*key)) {
            if sealed.is_some() {
                tokio::time::sleep(SETTLE).await;
            }
            let (db, rotation) = (db.clone(), rotation.clone());
            let done = tokio::task::spawn_blocking(move || -> Result<(), GatewayError> {
                seal_all(&db)?;
                Ok(rotation.tell(STORE, key)?)
            });
            match done.await.map_err(|_| GatewayError::Gone).flatten() {
                Ok(()) => sealed = Some(key),
                Err(error) => {
                    tracing::error!(%error, "the token database was not encrypted anew; trying on")
                }
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{Directory, Revoked};
    use crate::limits::Quota;
    use api::tokens::CreateToken;
    use std::path::Path;

    const QUOTA: Quota = Quota {
        rpm: 1,
        characters: 1,
        streams: 1,
    };

    fn sealer(folder: &Path, seals: bool) -> Sealer {
        Sealer::start(seals, None, &folder.join("keys")).unwrap()
    }

    fn wish() -> CreateToken {
        let wish = serde_json::json!({"user_id": "jane@example.com", "label": "Jane's phone"});
        serde_json::from_value(wish).unwrap()
    }

    /// Whether any file of the database holds this.
    fn on_disk(folder: &Path, what: &[u8]) -> bool {
        let files = std::fs::read_dir(folder).unwrap().flatten();
        let mut files = files.filter(|file| file.path().is_file());
        files.any(|file| {
            let bytes = std::fs::read(file.path()).unwrap();
            bytes.windows(what.len()).any(|window| window == what)
        })
    }

    async fn usage(db: &Db, user: &str) {
        let (sealer, user) = (db.sealer().clone(), user.to_owned());
        db.write(move |connection| {
            let mut people = People::load(connection, &sealer)?;
            let number = people.number(connection, &sealer, &user)?;
            connection.execute(
                "INSERT INTO usage (time_ms, token_id, user_id, service, method, route, status, bytes_in, bytes_out, audio_seconds, characters, milliseconds)
                 VALUES (1, 't', ?1, 'asr', 'GET', '/', 200, 0, 0, 0, 0, 0)",
                [number],
            )
        })
        .await
        .unwrap();
    }

    #[tokio::test]
    async fn a_plain_database_is_sealed_and_its_tokens_still_work() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.db");
        let db = Db::open(&path, Sealer::none()).unwrap();
        let plain = Directory::load(db.clone(), QUOTA).unwrap();
        let (token, info) = plain.create(wish()).await.unwrap();
        usage(&db, "jane@example.com").await;
        assert!(on_disk(folder.path(), b"jane@example.com"));
        drop((plain, db));

        let db = Db::open(&path, sealer(folder.path(), true)).unwrap();
        seal_all(&db).unwrap();
        let sealed = Directory::load(db.clone(), QUOTA).unwrap();
        let (other, _) = sealed.create(wish()).await.unwrap();
        for token in [&token, &other] {
            let found = sealed.find(&token.hash()).unwrap();
            assert_eq!(found.info.user_id, "jane@example.com");
            assert_eq!(found.info.label, "Jane's phone");
            assert!(!on_disk(folder.path(), &token.hash().0));
            assert!(!on_disk(folder.path(), token.prefix().as_bytes()));
        }
        usage(&db, "jane@example.com").await;
        usage(&db, "joe@example.com").await;
        assert!(!on_disk(folder.path(), b"jane") && !on_disk(folder.path(), b"joe@"));
        assert!(!on_disk(folder.path(), b"phone"));
        let sealer = db.sealer().clone();
        let (names, janes) = db
            .read(move |connection| {
                let people = People::load(connection, &sealer)?;
                let mut query = connection.prepare("SELECT user_id FROM usage ORDER BY id")?;
                let rows = query.query_map([], |row| row.get(0))?;
                let names: Vec<String> = rows
                    .map(|name| name.map(|name| people.name(name)))
                    .collect::<rusqlite::Result<_>>()?;
                Ok((names, people.of("jane@example.com").len()))
            })
            .await
            .unwrap();
        assert_eq!(
            names,
            ["jane@example.com", "jane@example.com", "joe@example.com"]
        );
        assert_eq!(janes, 2, "one number, and her name");
        let revoked = sealed.revoke(info.id.clone()).await.unwrap();
        assert_eq!(revoked, Revoked::Done);
        assert!(sealed.find(&token.hash()).is_none());
    }

    #[tokio::test]
    async fn another_key_opens_nothing_and_the_message_names_the_one_it_takes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.db");
        let right = sealer(folder.path(), true);
        let db = Db::open(&path, right.clone()).unwrap();
        let directory = Directory::load(db, QUOTA).unwrap();
        directory.create(wish()).await.unwrap();
        let other = tempfile::tempdir().unwrap();
        for wrong in [sealer(other.path(), true), Sealer::none()] {
            let db = Db::open(&path, wrong).unwrap();
            let message = seal_all(&db).unwrap_err().to_string();
            assert!(
                message.contains(&right.current().unwrap().to_string()),
                "{message}"
            );
        }
        // Switched off, what is sealed is still read.
        let db = Db::open(&path, sealer(folder.path(), false)).unwrap();
        seal_all(&db).unwrap();
        assert_eq!(
            Directory::load(db, QUOTA)
                .unwrap()
                .list(None)
                .await
                .unwrap()
                .len(),
            1
        );
    }
}
