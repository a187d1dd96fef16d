//! Calls that come in: whom a telephone number belongs to, and the row of a call that the telephone
//! company tells of, as often as it does.

use super::opened::{place, seal_number};
use super::{Call, calls};
use crate::audit::{self, Event};
use crate::column::{Maybe, Text};
use crate::database::Database;
use crate::error::Result;
use crate::sealed::{seal_json, seals_with};
use crate::tenant::Tenant;
use api::calls::{CallStatus, Direction};
use api::ids::{AgentId, CallId, CustomerId, OrganizationId, UserId};
use serde_json::json;

/// Who answers, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answering {
    /// The agent.
    pub id: AgentId,
    /// Whose it is.
    pub organization_id: OrganizationId,
}

/// A call that came in.
#[derive(Debug, Clone)]
pub struct ReceivedCall {
    /// Its id, if it is new.
    pub id: CallId,
    /// Who is to speak.
    pub agent: AgentId,
    /// With whom, where the number is known.
    pub customer: Option<CustomerId>,
    /// Who calls.
    pub from_number: Option<String>,
    /// Who is called.
    pub to_number: Option<String>,
    /// The call at the telephone company.
    pub provider_call_id: String,
}

impl Database {
    /// An agent of whatever organization. The telephone company's signature must have been checked.
    pub async fn answering(&self, agent: AgentId) -> Result<Answering> {
        let answering = sqlx::query_as!(
            Answering,
            "SELECT id, organization_id FROM agents WHERE id = $1 AND deleted_at IS NULL",
            agent.0,
        )
        .fetch_one(self.pool())
        .await?;
        Ok(answering)
    }

    /// The agent that answers a number (E.164), of whatever organization. The telephone company's
    /// signature must have been checked.
    pub async fn answering_number(&self, number: &str) -> Result<Answering> {
        let answering = sqlx::query_as!(
            Answering,
            "SELECT id, organization_id FROM agents WHERE phone_number = $1 AND deleted_at IS NULL",
            number,
        )
        .fetch_one(self.pool())
        .await?;
        Ok(answering)
    }
}

impl Tenant<'_> {
    /// The row of a call that came in, written when the telephone company tells of it for the first
    /// time. Not found: the agent, or the call is another organization's.
    pub async fn receive_call(&self, new: &ReceivedCall, event: &Event) -> Result<Call> {
        let sealer = self.sealer();
        let mut tx = self.pool().begin().await?;
        let inserted = calls!(
            "INSERT INTO calls (id, organization_id, agent_id, customer_id, direction, from_number, to_number, provider_call_id, metadata, sealed_with)
             SELECT $1, $2, agents.id, $4, 'inbound', $5, $6, $7, $8, $9 FROM agents
             WHERE organization_id = $2 AND id = $3 AND deleted_at IS NULL
             ON CONFLICT (provider_call_id) DO NOTHING RETURNING",
            "",
            new.id.0,
            self.id().0,
            new.agent.0,
            new.customer.map(|id| id.0),
            seal_number(sealer, "from_number", new.id, new.from_number.as_deref())?,
            seal_number(sealer, "to_number", new.id, new.to_number.as_deref())?,
            new.provider_call_id,
            seal_json(sealer, &place("metadata", new.id), &json!({}))?,
            seals_with(sealer),
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(call) = inserted {
            audit::record(&mut *tx, event).await?;
            tx.commit().await?;
            return call.opened(sealer);
        }
        tx.rollback().await?;
        let call = calls!(
            "SELECT",
            "FROM calls WHERE organization_id = $1 AND provider_call_id = $2",
            self.id().0,
            new.provider_call_id,
        )
        .fetch_one(self.pool())
        .await?;
        call.opened(sealer)
    }
}
