//! Sealing what is there: rows from before HIPAA mode, and under another key after a rotation.

use crate::calls::{open_segments, place as call_place, seal_number, seal_segments};
use crate::customers::{Customer, phone_index, place};
use crate::database::Database;
use crate::error::Result;
use crate::sealed::{open_json, open_maybe, seal_json, seal_maybe};
use api::ids::{CallId, CustomerId};
use sealing::KeyId;
use serde_json::Value;
use uuid::Uuid;

/// What became of some rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Rows that are sealed now.
    pub done: u64,
    /// Rows that could not be opened, and stay as they are.
    pub failed: u64,
    /// Where to go on; none after the last row.
    pub last: Option<Uuid>,
}

impl Database {
    /// Checks that everything here can be opened, before anything is written with another key.
    ///
    /// # Errors
    /// [`sealing::Error::UnknownKey`].
    pub async fn check_keys(&self) -> Result<()> {
        let used = sqlx::query_scalar!("SELECT id FROM sealing_keys ORDER BY created_at")
            .fetch_all(self.pool())
            .await?;
        for id in used {
            if let Ok(id) = <[u8; 4]>::try_from(id.as_slice()) {
                self.sealer().check(KeyId(id))?;
            }
        }
        if let Some(current) = self.sealer().current() {
            sqlx::query!(
                "INSERT INTO sealing_keys (id) VALUES ($1) ON CONFLICT DO NOTHING",
                &current.0
            )
            .execute(self.pool())
            .await?;
        }
        Ok(())
    }

    /// Forgets keys other than this, with which everything is sealed now.
    pub async fn forget_other_keys(&self, key: KeyId) -> Result<()> {
        sqlx::query!("DELETE FROM sealing_keys WHERE id <> $1", &key.0)
            .execute(self.pool())
            .await?;
        Ok(())
    }

    /// Seals up to `limit` calls after `after` that are not sealed with this key, which must be the
    /// one that seals.
    pub async fn reseal_calls(&self, key: KeyId, after: Uuid, limit: u32) -> Result<Resealed> {
        let sealer = self.sealer();
        let mut tx = self.pool().begin().await?;
        let rows = sqlx::query!(
            "SELECT id, transcript, metadata, summary, from_number, to_number FROM calls
             WHERE id > $1 AND sealed_with IS DISTINCT FROM $2 ORDER BY id LIMIT $3 FOR UPDATE",
            after,
            &key.0,
            i64::from(limit),
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut result = Resealed {
            last: rows.last().map(|row| row.id),
            ..Resealed::default()
        };
        for row in rows {
            let id = CallId(row.id);
            let sealed = || -> Result<_> {
                let transcript = open_segments(sealer, id, row.transcript)?;
                let segments = transcript.as_array().map_or(&[][..], Vec::as_slice);
                let metadata = open_json(sealer, &call_place("metadata", id), row.metadata)?;
                let summary = open_maybe(sealer, &call_place("summary", id), row.summary)?;
                let from = open_maybe(sealer, &call_place("from_number", id), row.from_number)?;
                let to = open_maybe(sealer, &call_place("to_number", id), row.to_number)?;
                Ok((
                    Value::Array(seal_segments(sealer, id, 0, segments)?),
                    seal_json(sealer, &call_place("metadata", id), &metadata)?,
                    seal_maybe(sealer, &call_place("summary", id), summary.as_deref())?,
                    seal_number(sealer, "from_number", id, from.as_deref())?,
                    seal_number(sealer, "to_number", id, to.as_deref())?,
                ))
            };
            let (transcript, metadata, summary, from, to) = match sealed() {
                Ok(sealed) => sealed,
                Err(error) => {
                    tracing::error!(call = %id, %error, "a call cannot be sealed anew");
                    result.failed += 1;
                    continue;
                }
            };
            sqlx::query!(
                "UPDATE calls SET transcript = $2, metadata = $3, summary = $4, from_number = $5, to_number = $6, sealed_with = $7
                 WHERE id = $1",
                id.0,
                transcript,
                metadata,
                summary,
                from,
                to,
                &key.0,
            )
            .execute(&mut *tx)
            .await?;
            result.done += 1;
        }
        tx.commit().await?;
        Ok(result)
    }

    /// The same with customers.
    pub async fn reseal_customers(&self, key: KeyId, after: Uuid, limit: u32) -> Result<Resealed> {
        let sealer = self.sealer();
        let mut tx = self.pool().begin().await?;
        let rows = sqlx::query_as!(
            Customer,
            "SELECT id, name, phone_number, email::text AS email, metadata, created_at, updated_at FROM customers
             WHERE id > $1 AND sealed_with IS DISTINCT FROM $2 ORDER BY id LIMIT $3 FOR UPDATE",
            after,
            &key.0,
            i64::from(limit),
        )
        .fetch_all(&mut *tx)
        .await?;
        let mut result = Resealed {
            last: rows.last().map(|row| row.id.0),
            ..Resealed::default()
        };
        for row in rows {
            let id: CustomerId = row.id;
            let customer = match row.opened(sealer) {
                Ok(customer) => customer,
                Err(error) => {
                    tracing::error!(customer = %id, %error, "a customer cannot be sealed anew");
                    result.failed += 1;
                    continue;
                }
            };
            let number = customer.phone_number.as_deref();
            sqlx::query!(
                "UPDATE customers SET name = $2, phone_number = $3, email = $4::text::citext, metadata = $5, phone_index = $6, sealed_with = $7
                 WHERE id = $1",
                id.0,
                sealer.seal_text(&place("name", id), &customer.name)?,
                seal_maybe(sealer, &place("phone_number", id), number)?,
                seal_maybe(sealer, &place("email", id), customer.email.as_deref())?,
                seal_json(sealer, &place("metadata", id), &customer.metadata)?,
                phone_index(sealer, number),
                &key.0,
            )
            .execute(&mut *tx)
            .await?;
            result.done += 1;
        }
        tx.commit().await?;
        Ok(result)
    }
}
