//! The admin token: made at the first start, kept in a file, replaced on demand.

use crate::clock::now_ms;
use crate::db::Db;
use crate::directory::{insert, new_id};
use crate::error::GatewayError;
use crate::sealed;
use crate::token::ApiToken;
use api::tokens::TokenInfo;
use rusqlite::params;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const FILE: &str = "admin_token.txt";
/// What to do when nobody knows the admin token any more.
const LOST: &str =
    "if the admin token is lost, run `gateway --rotate-admin` with the same AUTH_DB_PATH";

/// Makes sure that there is an admin token. A new one is printed to the log, this once.
pub fn ensure_admin(db: &Db, db_path: &Path) -> Result<(), GatewayError> {
    let path = file_beside(db_path);
    let kept = read(&path)?;
    if !has_admin(db)? {
        // The file comes first: after a crash in between, the next start finds it and goes on.
        let token = match &kept {
            Some(token) => token.clone(),
            None => new_token(&path)?,
        };
        add_admin(db, &token)?;
        match kept {
            Some(_) => {
                tracing::warn!(file = %path.display(), "the token database has no admin: taking the token in the file")
            }
            None => tracing::info!(file = %path.display(), "Token: {}", token.expose()),
        }
        return Ok(());
    }
    match kept {
        None => {
            tracing::warn!(file = %path.display(), "the file of the admin token is gone; {LOST}")
        }
        Some(token) if !is_admin(db, &token)? => {
            tracing::warn!(file = %path.display(), "the file holds a token that is not the admin's; {LOST}");
        }
        Some(_) => {}
    }
    Ok(())
}

/// Makes a new admin token, ends the old ones, and writes the file.
pub fn rotate_admin(db: &Db, db_path: &Path) -> Result<ApiToken, GatewayError> {
    let token = new_token(&file_beside(db_path))?;
    add_admin(db, &token)?;
    db.write_here(|connection| {
        let new = sealed::ids_of(connection, db.sealer(), token.hash())?;
        connection.execute(
            "UPDATE tokens SET revoked_ms = ?1 WHERE admin AND revoked_ms IS NULL AND id <> ?2",
            params![now_ms(), new.first()],
        )
    })?;
    Ok(token)
}

fn has_admin(db: &Db) -> Result<bool, GatewayError> {
    let query = "SELECT EXISTS (SELECT 1 FROM tokens WHERE admin AND revoked_ms IS NULL)";
    Ok(db.write_here(|connection| connection.query_row(query, [], |row| row.get(0)))?)
}

fn is_admin(db: &Db, token: &ApiToken) -> Result<bool, GatewayError> {
    let query =
        "SELECT EXISTS (SELECT 1 FROM tokens WHERE admin AND revoked_ms IS NULL AND id = ?1)";
    Ok(db.write_here(|connection| {
        for id in sealed::ids_of(connection, db.sealer(), token.hash())? {
            if connection.query_row(query, [id], |row| row.get(0))? {
                return Ok(true);
            }
        }
        Ok(false)
    })?)
}

fn add_admin(db: &Db, token: &ApiToken) -> Result<(), GatewayError> {
    let info = TokenInfo {
        id: new_id(),
        user_id: "admin".into(),
        label: "Administrator".into(),
        prefix: token.prefix().into(),
        admin: true,
        created_at: String::new(),
        last_used_at: None,
        rate_limit_rpm: None,
        rate_limit_characters: None,
        rate_limit_streams: None,
    };
    // A token from the file may have been revoked in this database once; it is wanted again.
    db.write_here(|connection| {
        let transaction = connection.transaction()?;
        for id in sealed::ids_of(&transaction, db.sealer(), token.hash())? {
            transaction.execute("DELETE FROM tokens WHERE id = ?1", [id])?;
        }
        insert(&transaction, db.sealer(), token.hash(), info)?;
        transaction.commit()
    })?;
    Ok(())
}

fn file_beside(db_path: &Path) -> PathBuf {
    db_path.with_file_name(FILE)
}

fn read(path: &Path) -> Result<Option<ApiToken>, GatewayError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(ApiToken::parse(text.trim())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(GatewayError::File {
            path: path.into(),
            source,
        }),
    }
}

/// Written beside and moved into place, so that nobody reads half a token.
fn new_token(path: &Path) -> Result<ApiToken, GatewayError> {
    let token = ApiToken::random().map_err(|error| GatewayError::System(error.to_string()))?;
    let half = path.with_extension("new");
    let write = || {
        let _ = fs::remove_file(&half);
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&half)?;
        writeln!(file, "{}", token.expose())?;
        file.sync_all()?;
        fs::rename(&half, path)
    };
    write().map_err(|source| GatewayError::File {
        path: path.into(),
        source,
    })?;
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealing::Sealer;
    use std::os::unix::fs::PermissionsExt;

    struct Place {
        _folder: tempfile::TempDir,
        db: PathBuf,
    }

    fn place() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("tokens.db");
        Place {
            _folder: folder,
            db,
        }
    }

    fn file(place: &Place) -> String {
        fs::read_to_string(file_beside(&place.db)).unwrap()
    }

    #[test]
    fn the_first_start_makes_a_token_and_later_ones_keep_it() {
        let place = place();
        ensure_admin(&Db::open(&place.db, Sealer::none()).unwrap(), &place.db).unwrap();
        let first = file(&place);
        let mode = fs::metadata(file_beside(&place.db))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let db = Db::open(&place.db, Sealer::none()).unwrap();
        ensure_admin(&db, &place.db).unwrap();
        assert_eq!(file(&place), first);
        assert!(is_admin(&db, &ApiToken::parse(first.trim()).unwrap()).unwrap());
    }

    #[test]
    fn a_lost_database_takes_the_token_of_the_file_again() {
        let place = place();
        ensure_admin(&Db::open(&place.db, Sealer::none()).unwrap(), &place.db).unwrap();
        let first = file(&place);
        fs::remove_file(&place.db).unwrap();
        let db = Db::open(&place.db, Sealer::none()).unwrap();
        ensure_admin(&db, &place.db).unwrap();
        assert!(is_admin(&db, &ApiToken::parse(first.trim()).unwrap()).unwrap());
    }

    #[test]
    fn rotating_ends_the_old_token() {
        let place = place();
        let db = Db::open(&place.db, Sealer::none()).unwrap();
        ensure_admin(&db, &place.db).unwrap();
        let old = ApiToken::parse(file(&place).trim()).unwrap();
        let new = rotate_admin(&db, &place.db).unwrap();
        assert_eq!(file(&place).trim(), new.expose());
        assert!(is_admin(&db, &new).unwrap() && !is_admin(&db, &old).unwrap());
    }
}
