//! What is said in a call, written down while it goes on.

use super::opened::seal_segments;
use crate::error::{Error, Result};
use crate::sealed::seals_with;
use crate::tenant::Tenant;
use api::ids::CallId;
use serde_json::Value;

impl Tenant<'_> {
    /// Appends segments to the transcript of a call, the first of which is segment number `first`
    /// of the call, counted from 0. Those that are there already are left alone, so that this may
    /// be repeated until it is known to have worked. How many segments the transcript then has.
    ///
    /// # Errors
    /// [`Error::Conflict`]: segments before `first` are missing.
    pub async fn append_transcript(
        &self,
        id: CallId,
        first: usize,
        segments: &[Value],
    ) -> Result<usize> {
        let segments = seal_segments(self.sealer(), id, first, segments)?;
        let first = i32::try_from(first).unwrap_or(i32::MAX);
        let row = sqlx::query!(
            r#"WITH appended AS (
                   UPDATE calls SET updated_at = now(), sealed_with = CASE WHEN sealed_with = $5 THEN sealed_with END, transcript = transcript || (
                       SELECT coalesce(jsonb_agg(s.segment ORDER BY s.place), '[]')
                       FROM jsonb_array_elements($4::jsonb) WITH ORDINALITY AS s (segment, place)
                       WHERE $3::int4 + s.place > jsonb_array_length(transcript))
                   WHERE organization_id = $1 AND id = $2 AND jsonb_array_length(transcript) >= $3
                   RETURNING jsonb_array_length(transcript) AS length)
               SELECT (SELECT length FROM appended) AS length
               FROM calls WHERE organization_id = $1 AND id = $2"#,
            self.id().0,
            id.0,
            first,
            Value::Array(segments),
            seals_with(self.sealer()),
        )
        .fetch_one(self.pool())
        .await?;
        let length = row.length.ok_or(Error::Conflict(
            "segments before these are missing in the transcript",
        ))?;
        Ok(usize::try_from(length).unwrap_or_default())
    }
}
