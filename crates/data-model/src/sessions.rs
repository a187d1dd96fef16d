//! Sign-ins: who an access token speaks for.

use crate::column::Maybe;
use crate::database::Database;
use crate::error::Result;
use api::Role;
use api::ids::{OrganizationId, SessionId, UserId};
use time::OffsetDateTime;

/// Who an access token speaks for, as of now.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The person.
    pub user_id: UserId,
    /// The sign-in.
    pub session_id: SessionId,
    /// All refresh tokens of this sign-in share it.
    pub family_id: uuid::Uuid,
    /// None for guests.
    pub email: Option<String>,
    /// When it was verified, if it was.
    pub email_verified_at: Option<OffsetDateTime>,
    /// What they are called.
    pub name: Option<String>,
    /// `password`, `google` or `guest`.
    pub auth_provider: String,
    /// The organization they work in now, while they belong to it.
    pub organization_id: Option<OrganizationId>,
    /// What they may do there.
    pub role: Option<Role>,
}

impl Database {
    /// Who a session speaks for; not found once it is revoked.
    pub async fn signed_in(&self, session: SessionId) -> Result<SignedIn> {
        // One statement for every authenticated request: three lookups by primary key.
        let signed_in = sqlx::query_as!(
            SignedIn,
            r#"SELECT s.user_id, s.id AS session_id, s.family_id, u.email::text AS email, u.email_verified_at,
                      u.name, u.auth_provider,
                      m.organization_id AS "organization_id!: Maybe<OrganizationId>",
                      m.role AS "role!: Maybe<Role>"
               FROM user_sessions s
               JOIN users u ON u.id = s.user_id
               LEFT JOIN organization_memberships m
                      ON m.organization_id = s.organization_id AND m.user_id = s.user_id
               WHERE s.id = $1 AND s.revoked_at IS NULL"#,
            session.0
        )
        .fetch_one(self.pool())
        .await?;
        Ok(signed_in)
    }
}

impl SignedIn {
    /// Whether they have no account yet.
    pub fn is_guest(&self) -> bool {
        self.auth_provider == "guest"
    }
}
