//! Calls that begin: the row is there before anybody is dialled.

use super::opened::{place, seal_number};
use super::{Call, calls};
use crate::audit::{self, Event};
use crate::column::{Maybe, Text};
use crate::error::{Error, Result};
use crate::sealed::{seal_json, seals_with};
use crate::tenant::Tenant;
use api::calls::{CallStatus, Direction};
use api::ids::{AgentId, CallId, CustomerId, UserId};
use serde_json::Value;

/// A call that is to be made.
#[derive(Debug, Clone)]
pub struct NewCall {
    /// Its id, a new one.
    pub id: CallId,
    /// Who is to speak.
    pub agent: AgentId,
    /// With whom.
    pub customer: Option<CustomerId>,
    /// Who asked for it.
    pub started_by: Option<UserId>,
    /// Who called whom.
    pub direction: Direction,
    /// Who calls.
    pub from_number: Option<String>,
    /// Who is called.
    pub to_number: Option<String>,
    /// An object.
    pub metadata: Value,
    /// `Idempotency-Key`, and the SHA-256 of the request it came with.
    pub idempotency: Option<(String, [u8; 32])>,
}

/// What became of the wish for a call.
#[derive(Debug, Clone)]
pub enum Started {
    /// There is a new row; it is now for the caller to dial, and only for them.
    New(Call),
    /// The same request came before; this is its call.
    Before(Call),
    /// The key came before with another request.
    OtherRequest,
}

impl Tenant<'_> {
    /// Writes a call down before it is dialled, and that somebody asked for it. Of several requests
    /// with one key only one gets [`Started::New`]. Not found: the agent or the customer.
    pub async fn start_call(&self, new: &NewCall, event: &Event) -> Result<Started> {
        let sealer = self.sealer();
        let mut tx = self.pool().begin().await?;
        let (key, hash) = match &new.idempotency {
            Some((key, hash)) => (Some(key.as_str()), Some(hash.as_slice())),
            None => (None, None),
        };
        let inserted = calls!(
            "INSERT INTO calls (id, organization_id, agent_id, customer_id, started_by, direction,
                                from_number, to_number, metadata, idempotency_key, request_hash, sealed_with)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             ON CONFLICT (organization_id, idempotency_key) DO NOTHING RETURNING",
            "",
            new.id.0,
            self.id().0,
            new.agent.0,
            new.customer.map(|id| id.0),
            new.started_by.map(|id| id.0),
            new.direction.as_str(),
            seal_number(sealer, "from_number", new.id, new.from_number.as_deref())?,
            seal_number(sealer, "to_number", new.id, new.to_number.as_deref())?,
            seal_json(sealer, &place("metadata", new.id), &new.metadata)?,
            key,
            hash,
            seals_with(sealer),
        )
        .fetch_optional(&mut *tx)
        .await;
        match inserted.map_err(Error::from) {
            Ok(Some(call)) => {
                audit::record(&mut *tx, event).await?;
                tx.commit().await?;
                Ok(Started::New(call.opened(sealer)?))
            }
            Ok(None) => {
                tx.rollback().await?;
                self.started_before(key, hash).await
            }
            // Deleted between being looked up and now.
            Err(error)
                if error.is_constraint("calls_organization_id_agent_id_fkey")
                    || error.is_constraint("calls_organization_id_customer_id_fkey") =>
            {
                Err(Error::NotFound)
            }
            Err(error) => Err(error),
        }
    }

    /// What an `Idempotency-Key` stands for; not found when it is new.
    pub async fn started_before(&self, key: Option<&str>, hash: Option<&[u8]>) -> Result<Started> {
        let row = sqlx::query!(
            r#"SELECT id, request_hash = $3 AS "same!" FROM calls
               WHERE organization_id = $1 AND idempotency_key = $2"#,
            self.id().0,
            key,
            hash,
        )
        .fetch_one(self.pool())
        .await?;
        match row.same {
            true => Ok(Started::Before(self.call(CallId(row.id)).await?)),
            false => Ok(Started::OtherRequest),
        }
    }
}
