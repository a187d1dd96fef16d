//! Refresh tokens: each use replaces a token by another of its family. A token that was replaced
//! and comes again was copied: then its whole family ends (RFC 9700, section 4.14.2), unless it
//! comes within the grace in which the tabs of one browser may all bring the same token.

use crate::audit::{self, Event};
use crate::database::Database;
use crate::error::Result;
use crate::id::new_id;
use crate::sessions::{NewSession, Started, insert, lock, revoke_family};
use api::ids::{OrganizationId, SessionId, UserId};
use std::time::Duration;
use time::OffsetDateTime;

/// What became of a refresh token.
#[derive(Debug, Clone, Copy)]
pub enum Refreshed {
    /// It was replaced by this one.
    Started(Started),
    /// It is unknown, expired or revoked.
    Invalid,
    /// It had been replaced long ago: its family has ended.
    Reused,
}

impl Database {
    /// Replaces the token with this hash. With `fixed_end` the sign-in ends when it was to end
    /// anyway; without, it lives on for `new.life`.
    pub async fn refresh_session(
        &self,
        token_hash: &[u8; 32],
        new: &NewSession,
        grace: Duration,
        fixed_end: bool,
    ) -> Result<Refreshed> {
        let mut tx = self.pool().begin().await?;
        let found = sqlx::query!(
            "SELECT id, user_id FROM user_sessions WHERE refresh_token_hash = $1",
            &token_hash[..]
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(found) = found else {
            return Ok(Refreshed::Invalid);
        };
        let user = UserId(found.user_id);
        lock(&mut tx, user).await?;
        // Only now does it hold still.
        let old = sqlx::query!(
            r#"SELECT family_id, organization_id, expires_at,
                      (revoked_at IS NULL AND expires_at > now()) AS "alive!",
                      replaced_at IS NOT NULL AS "replaced!",
                      coalesce(replaced_at < now() - $2::float8 * interval '1 second', false) AS "copied!"
               FROM user_sessions WHERE id = $1 FOR UPDATE"#,
            found.id,
            grace.as_secs_f64()
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(old) = old.filter(|old| old.alive) else {
            return Ok(Refreshed::Invalid);
        };
        let organization = old.organization_id.map(OrganizationId);
        if old.copied {
            revoke_family(&mut tx, old.family_id).await?;
            let event = Event {
                user: Some(user),
                organization,
                action: "session.reuse_detected",
                ip: new.ip,
                user_agent: new.user_agent.clone(),
                details: None,
            };
            audit::record(&mut *tx, &event).await?;
            tx.commit().await?;
            return Ok(Refreshed::Reused);
        }
        let session = new_id::<SessionId>();
        let expires_at = match fixed_end {
            true => old.expires_at,
            false => OffsetDateTime::now_utc() + new.life,
        };
        insert(
            &mut tx,
            session,
            old.family_id,
            user,
            organization,
            new,
            expires_at,
        )
        .await?;
        if !old.replaced {
            sqlx::query!(
                "UPDATE user_sessions SET replaced_by = $2, replaced_at = now() WHERE id = $1",
                found.id,
                session.0
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(Refreshed::Started(Started {
            user,
            session,
            organization,
            expires_at,
        }))
    }
}
