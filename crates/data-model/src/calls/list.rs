//! Calls in lists, by any combination of conditions.

use super::CallItem;
use crate::column::{Maybe, Text};
use crate::error::{Error, Result};
use crate::page::{Cursor, Page, Paging};
use crate::tenant::Tenant;
use api::calls::{CallStatus, Direction};
use api::ids::{AgentId, CustomerId};
use time::OffsetDateTime;

/// Which calls: all conditions hold for each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallFilter {
    /// Of this agent.
    pub agent: Option<AgentId>,
    /// With this customer.
    pub customer: Option<CustomerId>,
    /// In this state.
    pub status: Option<CallStatus>,
    /// Made at this time or later.
    pub from: Option<OffsetDateTime>,
    /// Made before this time.
    pub to: Option<OffsetDateTime>,
    /// Words that were said or that the summary holds, as search engines take them.
    pub words: Option<String>,
}

/// The newest calls for which a condition holds. Bounds are never null, so that they always are
/// conditions of the index and not filters behind it.
macro_rules! items {
    ($condition:literal, $tenant:expr, $filter:expr, $paging:expr $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            CallItem,
            r#"SELECT id, agent_id, customer_id AS "customer_id!: Maybe<CustomerId>",
                      direction AS "direction: Text<Direction>", status AS "status: Text<CallStatus>",
                      from_number, to_number, answered_by, excerpt,
                      CASE WHEN excerpt = '' AND transcript <> '[]' THEN jsonb_path_query_array(transcript, '$[0 to 2]') END AS opening, recording_path IS NOT NULL AS "has_recording!",
                      duration, created_at, answered_at, ended_at
               FROM calls
               WHERE organization_id = $1
                 AND (created_at, id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
                 AND created_at >= coalesce($4::timestamptz, '-infinity') AND created_at < coalesce($5::timestamptz, 'infinity') "#
                + $condition +
            " ORDER BY created_at DESC, id DESC LIMIT $6",
            $tenant.id().0,
            $paging.time(),
            $paging.id(),
            $filter.from,
            $filter.to,
            $paging.fetch(),
            $($argument),*
        )
    };
}

impl Tenant<'_> {
    /// The calls for which a filter holds, newest first.
    pub async fn calls(&self, filter: &CallFilter, paging: Paging) -> Result<Page<CallItem>> {
        if filter.words.is_some() && self.sealer().seals() {
            return Err(Error::Sealed);
        }
        let plain = filter.agent.is_none()
            && filter.customer.is_none()
            && filter.status.is_none()
            && filter.words.is_none();
        let rows = if plain {
            items!("", self, filter, paging)
                .fetch_all(self.pool())
                .await?
        } else {
            self.matching(filter, paging).await?
        };
        let rows = rows.into_iter().map(|call| call.opened(self.sealer()));
        let rows = rows.collect::<Result<Vec<_>>>()?;
        Ok(paging.page(rows, |call| Cursor {
            time: call.created_at,
            id: call.id.0,
        }))
    }

    async fn matching(&self, filter: &CallFilter, paging: Paging) -> Result<Vec<CallItem>> {
        let mut tx = self.pool().begin().await?;
        // Which index serves best depends on the conditions and on how frequent what they name is.
        sqlx::query!("SET LOCAL plan_cache_mode = force_custom_plan")
            .execute(&mut *tx)
            .await?;
        let rows = items!(
            "AND ($7::uuid IS NULL OR agent_id = $7) AND ($8::uuid IS NULL OR customer_id = $8)
             AND ($9::text IS NULL OR status = $9)
             AND ($10::text IS NULL OR search @@ websearch_to_tsquery('simple', $10))",
            self,
            filter,
            paging,
            filter.agent.map(|id| id.0),
            filter.customer.map(|id| id.0),
            filter.status.map(CallStatus::as_str),
            filter.words,
        )
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(rows)
    }
}
