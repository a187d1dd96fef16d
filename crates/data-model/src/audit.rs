//! What happened that matters for security.

use crate::column::Maybe;
use crate::database::Database;
use crate::error::Result;
use crate::id::new_id;
use crate::page::{Cursor, Page, Paging};
use crate::tenant::Tenant;
use api::ids::{AuditId, OrganizationId, UserId};
use serde_json::Value;
use sqlx::PgExecutor;
use std::net::IpAddr;
use time::OffsetDateTime;

/// Something that happened.
#[derive(Debug, Clone, Default)]
pub struct Event {
    /// Who did it, where that is known.
    pub user: Option<UserId>,
    /// In which organization.
    pub organization: Option<OrganizationId>,
    /// What, such as `login` or `member.role_changed`.
    pub action: &'static str,
    /// From where.
    pub ip: Option<IpAddr>,
    /// With what; cut to 512 characters.
    pub user_agent: Option<String>,
    /// What else matters; an object.
    pub details: Option<Value>,
}

/// A line of the log.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// Who did it.
    pub user_id: Option<UserId>,
    /// What.
    pub action: String,
    /// From where.
    pub ip_address: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
    /// What else matters.
    pub details: Value,
    /// When.
    pub created_at: OffsetDateTime,
}

/// Writes an event, on its own or as part of the transaction that it tells of.
pub(crate) async fn record(executor: impl PgExecutor<'_>, event: &Event) -> Result<()> {
    let user_agent: Option<String> = event
        .user_agent
        .as_ref()
        .map(|text| text.chars().take(512).collect());
    sqlx::query!(
        "INSERT INTO audit_logs (id, user_id, organization_id, action, ip_address, user_agent, details)
         VALUES ($1, $2, $3, $4, $5::text::inet, $6, $7)",
        new_id::<AuditId>().0,
        event.user.map(|id| id.0),
        event.organization.map(|id| id.0),
        event.action,
        event.ip.map(|ip| ip.to_canonical().to_string()),
        user_agent,
        event.details.clone().unwrap_or_else(|| serde_json::json!({})),
    )
    .execute(executor)
    .await?;
    Ok(())
}

impl Database {
    /// Writes an event that has no transaction of its own, such as a refused sign-in.
    pub async fn audit(&self, event: &Event) -> Result<()> {
        record(self.pool(), event).await
    }
}

impl Tenant<'_> {
    /// What happened in this organization.
    pub async fn audit_log(&self, paging: Paging) -> Result<Page<AuditEntry>> {
        let rows = sqlx::query_as!(
            AuditEntry,
            r#"SELECT id, user_id AS "user_id!: Maybe<UserId>", action, host(ip_address) AS ip_address, user_agent, details, created_at
               FROM audit_logs
               WHERE organization_id = $1 AND ($2::uuid IS NULL OR id < $2)
               ORDER BY id DESC LIMIT $3"#,
            self.id().0,
            paging.id(),
            paging.fetch(),
        )
        .fetch_all(self.pool())
        .await?;
        Ok(paging.page(rows, |entry| Cursor {
            time: entry.created_at,
            id: entry.id.0,
        }))
    }
}
