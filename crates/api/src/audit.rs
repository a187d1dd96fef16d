//! What happened in an organization: the types of `GET /api/audit`.

use crate::ids::{AuditId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Something that happened that matters for security.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// Who did it, where that is known.
    pub user_id: Option<UserId>,
    /// What, such as `login` or `member.role_changed`; `docs/people.md` lists them.
    pub action: String,
    /// From where.
    pub ip_address: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
    /// What else matters.
    #[schema(value_type = Object)]
    pub details: Value,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: OffsetDateTime,
}
