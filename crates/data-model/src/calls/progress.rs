//! How calls go on. Every change is one statement that can only move a call forwards, so that
//! messages may come late, twice or in the wrong order.

use super::{Call, calls};
use crate::column::{Maybe, Text};
use crate::database::Database;
use crate::error::Result;
use crate::tenant::Tenant;
use api::calls::{CallStatus, Direction};
use api::ids::{CallId, CustomerId, OrganizationId, UserId};
use std::time::Duration;

/// What became known about a call.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    /// How far it is.
    pub status: Option<CallStatus>,
    /// The call at the telephone company; taken once.
    pub provider_call_id: Option<String>,
    /// What answered; taken once.
    pub answered_by: Option<String>,
    /// Seconds between answer and end, where somebody else measured them.
    pub duration: Option<f64>,
    /// Why it failed.
    pub error: Option<String>,
}

/// Whose call it is that the telephone company speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProviderCall {
    /// The call.
    pub id: CallId,
    /// Whose.
    pub organization_id: OrganizationId,
}

impl Database {
    /// The call that the telephone company knows by this id; or, while none does, the one that it
    /// was told when it was asked (`ours`). The company's own signature must have been checked.
    pub async fn provider_call(
        &self,
        provider_call_id: &str,
        ours: Option<CallId>,
    ) -> Result<ProviderCall> {
        let call = sqlx::query_as!(
            ProviderCall,
            "SELECT id, organization_id FROM calls
             WHERE provider_call_id = $1 OR (id = $2 AND provider_call_id IS NULL)
             ORDER BY provider_call_id NULLS LAST LIMIT 1",
            provider_call_id,
            ours.map(|id| id.0),
        )
        .fetch_one(self.pool())
        .await?;
        Ok(call)
    }

    /// Calls that were written down this long ago and never dialled, because the process died in
    /// between: they failed. How many there were.
    pub async fn fail_forgotten_calls(&self, age: Duration) -> Result<u64> {
        let done = sqlx::query!(
            "UPDATE calls SET status = 'failed', ended_at = now(), updated_at = now(),
                    error = 'the service ended before the telephone company had answered'
             WHERE status = 'queued' AND created_at < now() - make_interval(secs => $1)",
            age.as_secs_f64(),
        )
        .execute(self.pool())
        .await?;
        Ok(done.rows_affected())
    }
}

impl Tenant<'_> {
    /// Writes down what became known about a call; whatever would move it back changes nothing. A
    /// call that failed before the telephone company had given it an id was not known to have
    /// failed: the company's word counts.
    pub async fn advance_call(&self, id: CallId, progress: &Progress) -> Result<Call> {
        let before: Vec<String> = match progress.status {
            Some(status) => status.before().map(|before| before.to_string()).collect(),
            None => Vec::new(),
        };
        let over = progress.status.is_some_and(CallStatus::is_over);
        let call = calls!(
            "UPDATE calls SET
                provider_call_id = coalesce(provider_call_id, $5::text),
                answered_by = coalesce(answered_by, $6::text),
                status = CASE WHEN moves THEN $3 ELSE status END,
                error = CASE WHEN moves THEN $8::text ELSE error END,
                answered_at = CASE WHEN moves AND $3 = 'in-progress' THEN now() ELSE answered_at END,
                ended_at = CASE WHEN NOT moves THEN ended_at WHEN $9::bool THEN now() END,
                duration = CASE WHEN moves AND $9
                    THEN coalesce($7::float8, extract(epoch FROM now() - answered_at)::float8) ELSE duration END,
                updated_at = now()
             FROM (SELECT id AS moved, status = ANY($4) OR
                          (status = 'failed' AND provider_call_id IS NULL AND $5::text IS NOT NULL AND $3::text IS NOT NULL) AS moves
                   FROM calls WHERE organization_id = $1 AND id = $2 FOR UPDATE) AS locked
             WHERE organization_id = $1 AND id = moved RETURNING",
            "",
            self.id().0,
            id.0,
            progress.status.map(CallStatus::as_str),
            before.as_slice(),
            progress.provider_call_id,
            progress.answered_by,
            progress.duration,
            progress.error,
            over,
        )
        .fetch_one(self.pool())
        .await?;
        call.opened(self.sealer())
    }
}
