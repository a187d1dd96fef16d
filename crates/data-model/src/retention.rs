//! What is old enough to go.

use crate::database::Database;
use crate::error::Result;
use api::ids::{CallId, OrganizationId};
use std::time::Duration;
use time::OffsetDateTime;
use uuid::{Timestamp, Uuid};

/// A call whose time is over.
#[derive(Debug, Clone)]
pub struct OldCall {
    /// The call.
    pub id: CallId,
    /// Whose.
    pub organization_id: OrganizationId,
    /// Its recording, below the folder of recordings.
    pub recording_path: Option<String>,
}

impl Database {
    /// Calls that are over and were made longer ago than this, the oldest first.
    pub async fn old_calls(&self, age: Duration, limit: i64) -> Result<Vec<OldCall>> {
        let calls = sqlx::query_as!(
            OldCall,
            "SELECT id, organization_id, recording_path FROM calls
             WHERE created_at < now() - make_interval(secs => $1)
               AND status NOT IN ('queued', 'initiated', 'ringing', 'in-progress')
             ORDER BY created_at LIMIT $2",
            age.as_secs_f64(),
            limit,
        )
        .fetch_all(self.pool())
        .await?;
        Ok(calls)
    }

    /// Deletes calls, whose recordings must be gone already. How many there were.
    pub async fn delete_calls(&self, calls: &[CallId]) -> Result<u64> {
        let ids: Vec<Uuid> = calls.iter().map(|id| id.0).collect();
        let done = sqlx::query!("DELETE FROM calls WHERE id = ANY($1)", &ids)
            .execute(self.pool())
            .await?;
        Ok(done.rows_affected())
    }

    /// Deletes agents and customers that were deleted longer ago than this and stayed for calls which
    /// are gone now, and invitations that nobody can accept any more. How many there were.
    pub async fn delete_old_remains(&self, age: Duration) -> Result<u64> {
        let age = age.as_secs_f64();
        let customers = sqlx::query!(
            "DELETE FROM customers k WHERE deleted_at < now() - make_interval(secs => $1)
             AND NOT EXISTS (SELECT FROM calls c WHERE c.organization_id = k.organization_id AND c.customer_id = k.id)",
            age,
        )
        .execute(self.pool())
        .await?;
        let agents = sqlx::query!(
            "DELETE FROM agents a WHERE deleted_at < now() - make_interval(secs => $1)
             AND NOT EXISTS (SELECT FROM calls c WHERE c.organization_id = a.organization_id AND c.agent_id = a.id)",
            age,
        )
        .execute(self.pool())
        .await?;
        let invitations = sqlx::query!(
            "DELETE FROM organization_invitations WHERE expires_at < now() - make_interval(secs => $1)",
            age,
        )
        .execute(self.pool())
        .await?;
        Ok(customers.rows_affected() + agents.rows_affected() + invitations.rows_affected())
    }

    /// Deletes up to `limit` lines of the audit log that are older than this. How many there were.
    pub async fn delete_old_audit(&self, age: Duration, limit: i64) -> Result<u64> {
        // Ids are UUIDs of version 7, so the primary key is in the order of time.
        let before = OffsetDateTime::now_utc() - age;
        let seconds = u64::try_from(before.unix_timestamp()).unwrap_or(0);
        let first = Uuid::new_v7(Timestamp::from_unix_time(seconds, 0, 0, 0));
        let done = sqlx::query!(
            "DELETE FROM audit_logs WHERE id IN (SELECT id FROM audit_logs WHERE id < $1 ORDER BY id LIMIT $2)",
            first,
            limit,
        )
        .execute(self.pool())
        .await?;
        Ok(done.rows_affected())
    }
}
