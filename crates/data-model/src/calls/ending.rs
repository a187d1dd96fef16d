//! How calls end, as the process that led them writes it down. All of it may be repeated.

use super::opened::place;
use super::{Call, calls};
use crate::column::{Maybe, Text};
use crate::database::Database;
use crate::error::Result;
use crate::sealed::{open_json, seal_json, seals_with};
use crate::tenant::Tenant;
use api::calls::{CallStatus, Direction};
use api::ids::{CallId, CustomerId, UserId};
use serde_json::Value;
use std::time::Duration;
use time::OffsetDateTime;

/// What is known once a call is over.
#[derive(Debug, Clone)]
pub struct Ending {
    /// `completed` or `failed`; counts unless the call is over already.
    pub status: CallStatus,
    /// When.
    pub ended_at: OffsetDateTime,
    /// Seconds since it was answered.
    pub duration: Option<f64>,
    /// Why it failed, in words.
    pub error: Option<String>,
    /// Below the folder of recordings, in that of the organization.
    pub recording_path: Option<String>,
    /// An object; laid over what the call has.
    pub metadata: Value,
}

impl Tenant<'_> {
    /// Writes down how a call ended. One that the telephone company has ended already keeps its
    /// status and its duration, and gets the rest.
    pub async fn end_call(&self, id: CallId, ending: &Ending) -> Result<Call> {
        let sealer = self.sealer();
        let mut tx = self.pool().begin().await?;
        let held = sqlx::query!(
            "SELECT metadata FROM calls WHERE organization_id = $1 AND id = $2 FOR UPDATE",
            self.id().0,
            id.0,
        )
        .fetch_one(&mut *tx)
        .await?;
        let mut metadata = open_json(sealer, &place("metadata", id), held.metadata)?;
        if let (Some(metadata), Some(over)) =
            (metadata.as_object_mut(), ending.metadata.as_object())
        {
            metadata.extend(over.clone());
        }
        let metadata = seal_json(sealer, &place("metadata", id), &metadata)?;
        let before: Vec<String> = ending.status.before().map(|s| s.to_string()).collect();
        let call = calls!(
            "UPDATE calls SET
                status = CASE WHEN moves THEN $3 ELSE status END,
                error = CASE WHEN moves THEN $6::text ELSE error END,
                ended_at = CASE WHEN moves THEN greatest($4::timestamptz, coalesce(answered_at, created_at)) ELSE ended_at END,
                duration = CASE WHEN moves THEN coalesce($5::float8, duration) ELSE coalesce(duration, $5) END,
                recording_path = coalesce($7::text, recording_path),
                metadata = $8,
                sealed_with = CASE WHEN sealed_with = $10 THEN sealed_with END,
                updated_at = now()
             FROM (SELECT id AS moved, status = ANY($9) AS moves
                   FROM calls WHERE organization_id = $1 AND id = $2 FOR UPDATE) AS locked
             WHERE organization_id = $1 AND id = moved RETURNING",
            "",
            self.id().0,
            id.0,
            ending.status.as_str(),
            ending.ended_at,
            ending.duration,
            ending.error,
            ending.recording_path,
            metadata,
            before.as_slice(),
            seals_with(sealer),
        )
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        call.opened(sealer)
    }

    /// Writes down what a call was about, unless that is known.
    pub async fn summarize_call(&self, id: CallId, summary: &str) -> Result<Call> {
        let sealer = self.sealer();
        let summary = sealer.seal_text(&place("summary", id), summary)?;
        let call = calls!(
            "UPDATE calls SET summary = coalesce(summary, $3), updated_at = now(),
                    sealed_with = CASE WHEN sealed_with = $4 THEN sealed_with END
             WHERE organization_id = $1 AND id = $2 RETURNING",
            "",
            self.id().0,
            id.0,
            summary,
            seals_with(sealer),
        )
        .fetch_one(self.pool())
        .await?;
        call.opened(sealer)
    }
}

impl Database {
    /// Ends calls that were answered this long ago, longer than any call may last: whoever led them
    /// is gone, and what it wrote down with it. How many there were.
    pub async fn end_forgotten_calls(&self, age: Duration) -> Result<u64> {
        let done = sqlx::query!(
            "UPDATE calls SET ended_at = updated_at, updated_at = now(),
                    status = CASE WHEN transcript = '[]' THEN 'failed' ELSE 'completed' END,
                    duration = extract(epoch FROM updated_at - answered_at)::float8,
                    error = 'the service ended during the call'
             WHERE status = 'in-progress' AND answered_at < now() - make_interval(secs => $1)",
            age.as_secs_f64(),
        )
        .execute(self.pool())
        .await?;
        Ok(done.rows_affected())
    }
}
