//! Sign-ins: who an access token speaks for, and how sign-ins begin and end.
//!
//! Whatever adds to a family or ends one first locks the row of the person, so that a family that
//! is being revoked cannot grow at the same time.

use crate::audit::{self, Event};
use crate::column::{Maybe, Text};
use crate::database::Database;
use crate::error::{Error, Result};
use crate::id::new_id;
use api::Role;
use api::accounts::AuthProvider;
use api::ids::{OrganizationId, SessionId, UserId};
use serde_json::Value;
use sqlx::PgConnection;
use std::net::IpAddr;
use std::time::Duration;
use time::OffsetDateTime;
use uuid::Uuid;

/// Who an access token speaks for, as of now.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The person.
    pub user_id: UserId,
    /// The sign-in.
    pub session_id: SessionId,
    /// All refresh tokens of this sign-in share it.
    pub family_id: Uuid,
    /// None for guests.
    pub email: Option<String>,
    /// When it was verified, if it was.
    pub email_verified_at: Option<OffsetDateTime>,
    /// What they are called.
    pub name: Option<String>,
    /// How they became a user.
    pub auth_provider: AuthProvider,
    /// The organization they work in now, while they belong to it.
    pub organization_id: Option<OrganizationId>,
    /// What they may do there.
    pub role: Option<Role>,
}

/// A sign-in, or its continuation, that is about to be stored.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// SHA-256 of its refresh token.
    pub token_hash: [u8; 32],
    /// How long the token is good for.
    pub life: Duration,
    /// From where.
    pub ip: Option<IpAddr>,
    /// With what, 512 characters at most.
    pub user_agent: Option<String>,
}

/// Why a sign-in begins.
#[derive(Debug, Clone, Default)]
pub struct Purpose {
    /// Recorded with it, such as `login` and `{"method": "google"}`.
    pub event: Option<(&'static str, Value)>,
    /// The password that was checked, as it was stored: when it has changed meanwhile, nobody is let in.
    pub password_hash: Option<String>,
}

/// A sign-in as it was stored.
#[derive(Debug, Clone, Copy)]
pub struct Started {
    /// Who.
    pub user: UserId,
    /// What access tokens name.
    pub session: SessionId,
    /// The organization they work in now.
    pub organization: Option<OrganizationId>,
    /// When the refresh token expires.
    pub expires_at: OffsetDateTime,
}

impl Database {
    /// A new sign-in, in the organization the person worked in last, or else in any of theirs.
    ///
    /// # Errors
    /// [`Error::NotFound`] when they are gone or `purpose.password_hash` is no longer theirs.
    pub async fn begin_session(
        &self,
        user: UserId,
        new: &NewSession,
        purpose: &Purpose,
    ) -> Result<Started> {
        let mut tx = self.pool().begin().await?;
        let password = sqlx::query_scalar!(
            "UPDATE users SET last_login_at = now() WHERE id = $1 RETURNING password_hash",
            user.0
        )
        .fetch_one(&mut *tx)
        .await?;
        if purpose.password_hash.is_some() && purpose.password_hash != password {
            return Err(Error::NotFound);
        }
        let organization = sqlx::query_scalar!(
            r#"SELECT m.organization_id
               FROM organization_memberships m JOIN users u ON u.id = m.user_id
               WHERE m.user_id = $1
               ORDER BY m.organization_id = u.last_organization_id DESC NULLS LAST, m.created_at, m.organization_id
               LIMIT 1"#,
            user.0
        )
        .fetch_optional(&mut *tx)
        .await?
        .map(OrganizationId);
        let session = new_id::<SessionId>();
        let expires_at = OffsetDateTime::now_utc() + new.life;
        insert(
            &mut tx,
            session,
            session.0,
            user,
            organization,
            new,
            expires_at,
        )
        .await?;
        if let Some((action, details)) = &purpose.event {
            let event = Event {
                user: Some(user),
                organization,
                action,
                ip: new.ip,
                user_agent: new.user_agent.clone(),
                details: Some(details.clone()),
            };
            audit::record(&mut *tx, &event).await?;
        }
        tx.commit().await?;
        Ok(Started {
            user,
            session,
            organization,
            expires_at,
        })
    }

    /// Ends the sign-in that a session belongs to, on this device only; `false` when it had ended.
    pub async fn end_session(&self, session: SessionId, event: &Event) -> Result<bool> {
        let mut tx = self.pool().begin().await?;
        let found = sqlx::query!(
            "SELECT user_id, family_id, organization_id FROM user_sessions WHERE id = $1",
            session.0
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(found) = found else {
            return Ok(false);
        };
        let user = UserId(found.user_id);
        lock(&mut tx, user).await?;
        let ended = revoke_family(&mut tx, found.family_id).await? > 0;
        if ended {
            let event = Event {
                user: Some(user),
                organization: found.organization_id.map(OrganizationId),
                ..event.clone()
            };
            audit::record(&mut *tx, &event).await?;
        }
        tx.commit().await?;
        Ok(ended)
    }

    /// Ends all sign-ins of a person, but for this family; how many tokens died.
    pub async fn revoke_sessions(&self, user: UserId, except_family: Option<Uuid>) -> Result<u64> {
        let mut tx = self.pool().begin().await?;
        let revoked = revoke_sessions(&mut tx, user, except_family).await?;
        tx.commit().await?;
        Ok(revoked)
    }

    /// The session of a refresh token that was not revoked and has not expired, nor replaced unless
    /// that does not matter.
    pub async fn session_of_refresh(
        &self,
        token_hash: &[u8; 32],
        also_replaced: bool,
    ) -> Result<SessionId> {
        let session = sqlx::query_scalar!(
            "SELECT id FROM user_sessions
             WHERE refresh_token_hash = $1 AND revoked_at IS NULL AND expires_at > now()
               AND ($2 OR replaced_at IS NULL)",
            &token_hash[..],
            also_replaced
        )
        .fetch_one(self.pool())
        .await?;
        Ok(SessionId(session))
    }

    /// Forgets expired refresh tokens, so many at most; how many there were.
    pub async fn delete_expired_sessions(&self, most: i64) -> Result<u64> {
        let deleted = sqlx::query!(
            "DELETE FROM user_sessions WHERE id IN
                 (SELECT id FROM user_sessions WHERE expires_at < now() ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)",
            most
        )
        .execute(self.pool())
        .await?;
        Ok(deleted.rows_affected())
    }

    /// Who a session speaks for; not found once it is revoked.
    pub async fn signed_in(&self, session: SessionId) -> Result<SignedIn> {
        // One statement for every authenticated request: three lookups by primary key.
        let signed_in = sqlx::query_as!(
            SignedIn,
            r#"SELECT s.user_id, s.id AS session_id, s.family_id, u.email::text AS email, u.email_verified_at,
                      u.name, u.auth_provider AS "auth_provider: Text<AuthProvider>",
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
        self.auth_provider == AuthProvider::Guest
    }
}

/// Lets nobody else begin, continue or end sign-ins of this person until the transaction is over.
pub(crate) async fn lock(tx: &mut PgConnection, user: UserId) -> Result<()> {
    sqlx::query!(
        "SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE",
        user.0
    )
    .fetch_one(tx)
    .await?;
    Ok(())
}

/// [`Database::revoke_sessions`] as part of a transaction, such as the one that changes the password.
pub(crate) async fn revoke_sessions(
    tx: &mut PgConnection,
    user: UserId,
    except_family: Option<Uuid>,
) -> Result<u64> {
    lock(&mut *tx, user).await?;
    let revoked = sqlx::query!(
        "UPDATE user_sessions SET revoked_at = now()
         WHERE user_id = $1 AND revoked_at IS NULL AND family_id IS DISTINCT FROM $2",
        user.0,
        except_family
    )
    .execute(tx)
    .await?;
    Ok(revoked.rows_affected())
}

/// Ends a family; the person is locked.
pub(crate) async fn revoke_family(tx: &mut PgConnection, family: Uuid) -> Result<u64> {
    let revoked = sqlx::query!(
        "UPDATE user_sessions SET revoked_at = now() WHERE family_id = $1 AND revoked_at IS NULL",
        family
    )
    .execute(tx)
    .await?;
    Ok(revoked.rows_affected())
}

/// Stores a refresh token; the person is locked.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    session: SessionId,
    family: Uuid,
    user: UserId,
    organization: Option<OrganizationId>,
    new: &NewSession,
    expires_at: OffsetDateTime,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO user_sessions (id, family_id, user_id, organization_id, refresh_token_hash, device_info, ip_address, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7::text::inet, $8)",
        session.0,
        family,
        user.0,
        organization.map(|id| id.0),
        &new.token_hash[..],
        new.user_agent,
        new.ip.map(|ip| ip.to_canonical().to_string()),
        expires_at,
    )
    .execute(tx)
    .await?;
    Ok(())
}
