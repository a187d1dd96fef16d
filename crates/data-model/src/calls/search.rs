//! Calls by what was said in them, with the passages that say it.

use crate::column::{Maybe, Text};
use crate::error::{Error, Result};
use crate::tenant::Tenant;
use api::calls::{CallStatus, Direction};
use api::ids::{CallId, CustomerId};
use serde_json::Value;
use time::OffsetDateTime;

/// What is looked for: all conditions hold for each call. Without any, the newest calls.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallSearch {
    /// Words that were said or that the summary holds, as search engines take them.
    pub words: Option<String>,
    /// With a customer who has this telephone number, or a name that holds this.
    pub customer: Option<String>,
    /// Made at this time or later.
    pub from: Option<OffsetDateTime>,
    /// Made before this time.
    pub to: Option<OffsetDateTime>,
}

/// A call that was found.
#[derive(Debug, Clone)]
pub struct FoundCall {
    /// Its id.
    pub id: CallId,
    /// Name of who spoke for the organization.
    pub agent: String,
    /// Name of the customer, where that is known.
    pub customer: Option<String>,
    pub(crate) customer_id: Option<CustomerId>,
    /// Who called whom.
    pub direction: Direction,
    /// How far it is.
    pub status: CallStatus,
    /// Seconds between answer and end.
    pub duration: Option<f64>,
    /// When it was asked for, or came in.
    pub created_at: OffsetDateTime,
    /// In a few sentences.
    pub summary: Option<String>,
    /// Where the words were said, up to three places of some 40 words; how the call begins where
    /// there were no words to look for.
    pub passages: String,
    pub(crate) opening: Option<Value>,
}

impl Tenant<'_> {
    /// The calls a search finds, newest first, `limit` at most.
    pub async fn search_calls(&self, search: &CallSearch, limit: u32) -> Result<Vec<FoundCall>> {
        if search.words.is_some() && self.sealer().seals() {
            return Err(Error::Sealed);
        }
        let customer = search.customer.as_deref();
        let sealed = match customer {
            Some(customer) => self.sealed_customers(customer).await?,
            None => Vec::new(),
        };
        // `%` and `_` are letters like others.
        let name = customer.map(|name| {
            let escaped = name.replace('\\', r"\\").replace('%', r"\%");
            format!("%{}%", escaped.replace('_', r"\_"))
        });
        let mut tx = self.pool().begin().await?;
        // Which index serves best depends on the conditions and on how frequent what they name is.
        sqlx::query!("SET LOCAL plan_cache_mode = force_custom_plan")
            .execute(&mut *tx)
            .await?;
        // Passages are cut out of the calls that are given, not of all that match.
        let found = sqlx::query_as!(
            FoundCall,
            r#"SELECT c.id, a.name AS agent, k.name AS "customer?", k.id AS "customer_id!: Maybe<CustomerId>", c.direction AS "direction: Text<Direction>",
                      c.status AS "status: Text<CallStatus>", c.duration, c.created_at, c.summary,
                      CASE WHEN $2::text IS NULL THEN c.excerpt ELSE ts_headline('simple',
                          left(concat_ws(' ', (SELECT string_agg(s.segment ->> 'text', ' ' ORDER BY s.place)
                              FROM jsonb_array_elements(c.transcript) WITH ORDINALITY AS s (segment, place)), c.summary), 200000),
                          websearch_to_tsquery('simple', $2),
                          'StartSel="", StopSel="", MaxFragments=3, MinWords=15, MaxWords=40, ShortWord=0, FragmentDelimiter=" ... "') END AS "passages!",
                      CASE WHEN c.excerpt = '' AND c.transcript <> '[]' THEN jsonb_path_query_array(c.transcript, '$[0 to 2]') END AS opening
               FROM (SELECT id, organization_id, agent_id, customer_id, direction, status, duration, created_at, summary, excerpt, transcript
                     FROM calls
                     WHERE organization_id = $1
                       AND ($2::text IS NULL OR search @@ websearch_to_tsquery('simple', $2))
                       AND ($3::text IS NULL OR customer_id IN (SELECT id FROM customers
                           WHERE organization_id = $1 AND deleted_at IS NULL AND (phone_number = $3 OR name ILIKE $4 OR id = ANY($8))))
                       AND created_at >= coalesce($5::timestamptz, '-infinity') AND created_at < coalesce($6::timestamptz, 'infinity')
                     ORDER BY created_at DESC, id DESC LIMIT $7) c
               JOIN agents a ON a.organization_id = c.organization_id AND a.id = c.agent_id
               LEFT JOIN customers k ON k.organization_id = c.organization_id AND k.id = c.customer_id AND k.deleted_at IS NULL
               ORDER BY c.created_at DESC, c.id DESC"#,
            self.id().0,
            search.words,
            customer,
            name,
            search.from,
            search.to,
            i64::from(limit),
            sealed.as_slice(),
        )
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        let found = found.into_iter().map(|call| call.opened(self.sealer()));
        found.collect()
    }
}
