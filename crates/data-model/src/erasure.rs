//! Everything of one customer, for deletion at their request.

use crate::audit::{self, Event};
use crate::calls::place;
use crate::customers::Customer;
use crate::error::{Error, Result};
use crate::sealed::open_maybe;
use crate::tenant::Tenant;
use api::ids::{CallId, CustomerId};
use sqlx::types::Uuid;

/// Rows that are opened at once.
const BATCH: i64 = 1000;

/// A call with a customer.
#[derive(Debug, Clone)]
pub struct CustomerCall {
    /// The call.
    pub id: CallId,
    /// Its recording, below the folder of recordings.
    pub recording_path: Option<String>,
    /// Whether it goes on, or is about to.
    pub is_open: bool,
}

impl Tenant<'_> {
    /// Begins to erase a customer, deleted before or not: takes them out of sight, so that no call can
    /// come to refer to them, and gives all calls with them or with their telephone number.
    pub async fn calls_to_erase(&self, id: CustomerId) -> Result<Vec<CustomerCall>> {
        let customer = sqlx::query_as!(
            Customer,
            "UPDATE customers SET deleted_at = coalesce(deleted_at, now())
             WHERE organization_id = $1 AND id = $2
             RETURNING id, name, phone_number, email::text AS email, metadata, created_at, updated_at",
            self.id().0,
            id.0,
        )
        .fetch_one(self.pool())
        .await?;
        let number = customer.opened(self.sealer())?.phone_number;
        let mut calls = sqlx::query_as!(
            CustomerCall,
            r#"SELECT id, recording_path, status IN ('queued', 'initiated', 'ringing', 'in-progress') AS "is_open!"
               FROM calls WHERE organization_id = $1 AND customer_id = $2 ORDER BY id"#,
            self.id().0,
            id.0,
        )
        .fetch_all(self.pool())
        .await?;
        if let Some(number) = number {
            calls.extend(self.calls_with(&number).await?);
        }
        Ok(calls)
    }

    /// Calls with a number of which nobody knew whose it was. Sealed numbers are opened one by one.
    async fn calls_with(&self, number: &str) -> Result<Vec<CustomerCall>> {
        let (mut found, mut after) = (Vec::new(), Uuid::nil());
        loop {
            let rows = sqlx::query!(
                r#"SELECT id, recording_path, from_number, to_number,
                          status IN ('queued', 'initiated', 'ringing', 'in-progress') AS "is_open!"
                   FROM calls
                   WHERE organization_id = $1 AND customer_id IS NULL AND id > $2
                     AND (from_number = $3 OR to_number = $3
                          OR starts_with(from_number, E'\x01') OR starts_with(to_number, E'\x01'))
                   ORDER BY id LIMIT $4"#,
                self.id().0,
                after,
                number,
                BATCH,
            )
            .fetch_all(self.pool())
            .await?;
            let Some(last) = rows.last().map(|row| row.id) else {
                return Ok(found);
            };
            after = last;
            for row in rows {
                let id = CallId(row.id);
                let open =
                    |column: &str, stored| open_maybe(self.sealer(), &place(column, id), stored);
                let from = open("from_number", row.from_number)?;
                let to = open("to_number", row.to_number)?;
                if [from, to].iter().any(|one| one.as_deref() == Some(number)) {
                    found.push(CustomerCall {
                        id,
                        recording_path: row.recording_path,
                        is_open: row.is_open,
                    });
                }
            }
        }
    }

    /// Deletes a customer and these calls, whose files must be gone already, and writes down that it
    /// happened.
    pub async fn erase_customer(
        &self,
        id: CustomerId,
        calls: &[CallId],
        event: &Event,
    ) -> Result<()> {
        let ids: Vec<Uuid> = calls.iter().map(|id| id.0).collect();
        let mut tx = self.pool().begin().await?;
        sqlx::query!(
            "DELETE FROM calls WHERE organization_id = $1 AND id = ANY($2)",
            self.id().0,
            &ids,
        )
        .execute(&mut *tx)
        .await?;
        let deleted = sqlx::query!(
            "DELETE FROM customers WHERE organization_id = $1 AND id = $2",
            self.id().0,
            id.0,
        )
        .execute(&mut *tx)
        .await
        .map_err(Error::from);
        let deleted = match deleted {
            // A call that began at the last moment.
            Err(Error::Constraint(_)) => {
                return Err(Error::Conflict("a call with this customer has just begun"));
            }
            deleted => deleted?,
        };
        if deleted.rows_affected() == 0 {
            return Err(Error::NotFound);
        }
        audit::record(&mut *tx, event).await?;
        tx.commit().await?;
        Ok(())
    }
}
