//! The tokens in force: kept in memory for the hot path, written through to SQLite.

use crate::clock::{now_ms, rfc3339};
use crate::db::Db;
use crate::error::GatewayError;
use crate::identity::Identity;
use crate::limits::Quota;
use crate::sealed;
use crate::token::{ApiToken, TokenHash};
use api::tokens::{CreateToken, TokenInfo};
use rusqlite::{Connection, OptionalExtension, Row, params};
use sealing::Sealer;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How often changes of other processes are looked for.
const WATCH: Duration = Duration::from_millis(500);

const ACTIVE: &str =
    "SELECT hash, id, user_id, label, prefix, admin, created_ms, last_used_ms, rpm, streams, characters
     FROM tokens WHERE revoked_ms IS NULL";

/// The tokens in force.
#[derive(Debug)]
pub struct Directory {
    db: Db,
    quota: Quota,
    by_hash: RwLock<HashMap<TokenHash, Arc<Identity>>>,
    /// One change at a time, so that memory and file agree on the order.
    changing: tokio::sync::Mutex<()>,
}

/// What became of a wish to revoke a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// It no longer works, from this moment on.
    Done,
    /// There is no such active token.
    Unknown,
    /// It is the only admin token; without it nobody could make another.
    LastAdmin,
}

impl Directory {
    /// Reads all active tokens.
    pub fn load(db: Db, quota: Quota) -> Result<Self, GatewayError> {
        let active = db.write_here(|connection| active(connection, db.sealer()))?;
        let by_hash = active
            .into_iter()
            .map(|(hash, info)| (hash, identity(info, hash, quota)))
            .collect();
        Ok(Directory {
            db,
            quota,
            by_hash: RwLock::new(by_hash),
            changing: tokio::sync::Mutex::default(),
        })
    }

    /// The active token with this hash.
    pub fn find(&self, hash: &TokenHash) -> Option<Arc<Identity>> {
        self.by_hash
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(hash)
            .cloned()
    }

    /// Makes a token for a user; the text is returned here and never again.
    pub async fn create(&self, wish: CreateToken) -> Result<(ApiToken, TokenInfo), GatewayError> {
        let _changing = self.changing.lock().await;
        let token = ApiToken::random().map_err(|error| GatewayError::System(error.to_string()))?;
        let info = TokenInfo {
            id: new_id(),
            user_id: wish.user_id,
            label: wish.label,
            prefix: token.prefix().to_owned(),
            admin: false,
            created_at: String::new(),
            last_used_at: None,
            rate_limit_rpm: wish.rate_limit_rpm,
            rate_limit_characters: wish.rate_limit_characters,
            rate_limit_streams: wish.rate_limit_streams,
        };
        let hash = token.hash();
        let sealer = self.db.sealer().clone();
        let info = self
            .db
            .write(move |connection| insert(connection, &sealer, hash, info))
            .await?;
        self.change(|by_hash| by_hash.insert(hash, identity(info.clone(), hash, self.quota)));
        Ok((token, info))
    }

    /// Active tokens, newest first.
    pub async fn list(&self, user: Option<String>) -> Result<Vec<TokenInfo>, GatewayError> {
        let sealer = self.db.sealer().clone();
        let listed = self.db.read(move |connection| active(connection, &sealer));
        let mut tokens: Vec<_> = listed.await?;
        tokens.retain(|(_, info)| user.as_ref().is_none_or(|user| *user == info.user_id));
        tokens.reverse();
        Ok(tokens.into_iter().map(|(_, info)| info).collect())
    }

    /// Ends a token at once, with the WebSockets that use it.
    pub async fn revoke(&self, id: String) -> Result<Revoked, GatewayError> {
        let _changing = self.changing.lock().await;
        let sealer = self.db.sealer().clone();
        let outcome = self
            .db
            .write(move |connection| revoke(connection, &sealer, &id))
            .await?;
        let Ok(hash) = outcome else {
            return Ok(outcome.err().unwrap_or(Revoked::Unknown));
        };
        self.change(|by_hash| end(by_hash.remove(&hash)));
        Ok(Revoked::Done)
    }

    /// Follows changes that other processes make, such as `gateway --rotate-admin`. Never ends.
    pub async fn watch(&self) {
        let mut seen = None;
        loop {
            let version = |connection: &mut Connection| {
                connection.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0))
            };
            match self.db.write(version).await {
                Ok(version)
                    if seen
                        .replace(version)
                        .is_some_and(|before| before != version) =>
                {
                    if let Err(error) = self.reload().await {
                        tracing::error!(%error, "the tokens could not be read again");
                        seen = None;
                    }
                }
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "the token database does not answer"),
            }
            tokio::time::sleep(WATCH).await;
        }
    }

    async fn reload(&self) -> Result<(), GatewayError> {
        let _changing = self.changing.lock().await;
        let sealer = self.db.sealer().clone();
        let mut active: HashMap<_, _> = self
            .db
            .write(move |connection| active(connection, &sealer))
            .await?
            .into_iter()
            .collect();
        self.change(|by_hash| {
            // Those that stay keep what is left of their limits.
            by_hash.retain(|hash, identity| {
                active.remove(hash).is_some() || end(Some(identity.clone()))
            });
            by_hash.extend(
                active
                    .into_iter()
                    .map(|(hash, info)| (hash, identity(info, hash, self.quota))),
            );
        });
        Ok(())
    }

    fn change<T>(&self, change: impl FnOnce(&mut HashMap<TokenHash, Arc<Identity>>) -> T) -> T {
        change(&mut self.by_hash.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Tells everything that runs with a token that it is over; always false, for `retain`.
fn end(identity: Option<Arc<Identity>>) -> bool {
    if let Some(identity) = identity {
        identity.revoked.cancel();
    }
    false
}

fn identity(info: TokenInfo, hash: TokenHash, quota: Quota) -> Arc<Identity> {
    Arc::new(Identity::new(info, hash, Vec::new(), quota))
}

/// A time-ordered id, so that listings by id are listings by age.
pub fn new_id() -> String {
    format!("tok_{}", uuid::Uuid::now_v7().simple())
}

/// Oldest first.
fn active(
    connection: &Connection,
    sealer: &Sealer,
) -> rusqlite::Result<Vec<(TokenHash, TokenInfo)>> {
    let mut query = connection.prepare_cached(&format!("{ACTIVE} ORDER BY created_ms, id"))?;
    let rows = query.query_map([], |row| read(row, sealer))?;
    rows.collect()
}

fn read(row: &Row<'_>, sealer: &Sealer) -> rusqlite::Result<(TokenHash, TokenInfo)> {
    let id: String = row.get("id")?;
    let text = |column: &str| sealed::open(sealer, column, &id, row.get(column)?);
    let hash = sealed::open_hash(sealer, &id, &row.get::<_, Vec<u8>>("hash")?)?;
    let info = TokenInfo {
        user_id: text("user_id")?,
        label: text("label")?,
        prefix: text("prefix")?,
        admin: row.get("admin")?,
        created_at: rfc3339(row.get("created_ms")?),
        last_used_at: row.get::<_, Option<i64>>("last_used_ms")?.map(rfc3339),
        rate_limit_rpm: row.get("rpm")?,
        rate_limit_characters: row.get("characters")?,
        rate_limit_streams: row.get("streams")?,
        id,
    };
    Ok((hash, info))
}

/// Stores a token and fills in when it was created.
pub fn insert(
    connection: &Connection,
    sealer: &Sealer,
    hash: TokenHash,
    mut info: TokenInfo,
) -> rusqlite::Result<TokenInfo> {
    let now = now_ms();
    info.created_at = rfc3339(now);
    connection.execute(
        "INSERT INTO tokens (id, hash, user_id, label, prefix, admin, created_ms, rpm, streams, characters)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            info.id,
            sealed::seal_hash(sealer, &info.id, hash)?,
            sealed::seal(sealer, "user_id", &info.id, &info.user_id)?,
            sealed::seal(sealer, "label", &info.id, &info.label)?,
            sealed::seal(sealer, "prefix", &info.id, &info.prefix)?,
            info.admin,
            now,
            info.rate_limit_rpm,
            info.rate_limit_streams,
            info.rate_limit_characters
        ],
    )?;
    Ok(info)
}

fn revoke(
    connection: &mut Connection,
    sealer: &Sealer,
    id: &str,
) -> rusqlite::Result<Result<TokenHash, Revoked>> {
    let transaction = connection.transaction()?;
    let found: Option<(Vec<u8>, bool)> = transaction
        .query_row(
            "SELECT hash, admin FROM tokens WHERE id = ?1 AND revoked_ms IS NULL",
            [id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((hash, admin)) = found else {
        return Ok(Err(Revoked::Unknown));
    };
    let hash = sealed::open_hash(sealer, id, &hash)?;
    let count = "SELECT count(*) FROM tokens WHERE admin AND revoked_ms IS NULL";
    if admin && transaction.query_row(count, [], |row| row.get::<_, i64>(0))? == 1 {
        return Ok(Err(Revoked::LastAdmin));
    }
    transaction.execute(
        "UPDATE tokens SET revoked_ms = ?2 WHERE id = ?1",
        params![id, now_ms()],
    )?;
    transaction.commit()?;
    Ok(Ok(hash))
}
