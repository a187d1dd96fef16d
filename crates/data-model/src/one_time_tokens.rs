//! Tokens that letters carry: for choosing a new password, and for showing that an address is one's own.
//! Only their SHA-256 is stored; each works once.

use crate::audit::{self, Event};
use crate::database::Database;
use crate::error::{Error, Result};
use crate::id::new_id;
use crate::sessions;
use api::ids::UserId;
use sqlx::{PgConnection, Postgres, Transaction};
use std::net::IpAddr;
use std::time::Duration;
use time::OffsetDateTime;
use uuid::Uuid;

/// A token that is about to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewToken {
    /// Its SHA-256.
    pub hash: [u8; 32],
    /// How long it works.
    pub life: Duration,
    /// How many somebody may have in an hour.
    pub hourly: i64,
}

/// A password reset whose letter is about to be written: nothing is stored before [`PendingReset::done`].
#[derive(Debug)]
pub struct PendingReset {
    tx: Transaction<'static, Postgres>,
    /// Where the letter goes; none when there is no such account, or it got enough letters.
    pub to: Option<String>,
}

/// What became of a wish for a verification letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// The token is stored; its letter goes to this address.
    Made(String),
    /// The address is verified already.
    Verified,
    /// There were enough letters for now.
    Wait(Duration),
}

impl Database {
    /// Remembers that somebody who forgot a password asked for a letter. The same work whether
    /// there is such an account or not.
    pub async fn ask_for_reset(
        &self,
        email: &str,
        ip: Option<IpAddr>,
        user_agent: Option<&str>,
    ) -> Result<()> {
        sqlx::query!(
            "INSERT INTO password_reset_requests (id, email, ip_address, user_agent)
             VALUES ($1, $2::text::citext, $3::text::inet, $4)",
            Uuid::now_v7(),
            email,
            ip.map(|ip| ip.to_canonical().to_string()),
            user_agent
        )
        .execute(self.pool())
        .await?;
        Ok(())
    }

    /// Takes the oldest of these requests and makes it a reset, which ends those before it. None
    /// when nobody waits.
    pub async fn next_reset(&self, token: &NewToken) -> Result<Option<PendingReset>> {
        let mut tx = self.pool().begin().await?;
        let request = sqlx::query!(
            r#"DELETE FROM password_reset_requests WHERE id =
                   (SELECT id FROM password_reset_requests ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
               RETURNING email::text AS "email!", host(ip_address) AS ip, user_agent"#
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(request) = request else {
            return Ok(None);
        };
        let user = sqlx::query!(
            r#"SELECT id, email::text AS "email!" FROM users WHERE email = $1::text::citext FOR NO KEY UPDATE"#,
            request.email
        )
        .fetch_optional(&mut *tx)
        .await?;
        let mut to = None;
        if let Some(user) = user {
            let event = Event {
                user: Some(UserId(user.id)),
                action: "password.reset_requested",
                ip: request.ip.and_then(|ip| ip.parse().ok()),
                user_agent: request.user_agent,
                ..Event::default()
            };
            to = reset_for(&mut tx, token, &event)
                .await?
                .then_some(user.email);
        }
        Ok(Some(PendingReset { tx, to }))
    }

    /// Whether a reset with this token would work now.
    pub async fn reset_is_open(&self, hash: &[u8; 32]) -> Result<bool> {
        let open = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM password_resets
                   WHERE token_hash = $1 AND used_at IS NULL AND expires_at > now()) AS "open!""#,
            &hash[..]
        )
        .fetch_one(self.pool())
        .await?;
        Ok(open)
    }

    /// Uses a reset: the password is this one now, all sign-ins end, and the address counts as
    /// verified, for the token came by e-mail. The address.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the token is unknown, used or too old.
    pub async fn reset_password(
        &self,
        hash: &[u8; 32],
        password_hash: &str,
        event: &Event,
    ) -> Result<String> {
        let mut tx = self.pool().begin().await?;
        let user = sqlx::query_scalar!(
            "SELECT user_id FROM password_resets WHERE token_hash = $1",
            &hash[..]
        )
        .fetch_one(&mut *tx)
        .await?;
        let ended = sessions::revoke_sessions(&mut tx, UserId(user), None).await?;
        // The person is locked: of two uses of one token the second finds it used.
        sqlx::query!(
            "UPDATE password_resets SET used_at = now()
             WHERE token_hash = $1 AND used_at IS NULL AND expires_at > now() RETURNING id",
            &hash[..]
        )
        .fetch_one(&mut *tx)
        .await?;
        end_resets(&mut tx, UserId(user)).await?;
        let email = sqlx::query_scalar!(
            r#"UPDATE users SET password_hash = $2, email_verified_at = coalesce(email_verified_at, now()), updated_at = now()
               WHERE id = $1 AND email IS NOT NULL RETURNING email::text AS "email!""#,
            user,
            password_hash
        )
        .fetch_one(&mut *tx)
        .await?;
        let event = Event {
            user: Some(UserId(user)),
            details: Some(serde_json::json!({ "sessions_ended": ended })),
            ..event.clone()
        };
        audit::record(&mut *tx, &event).await?;
        tx.commit().await?;
        Ok(email)
    }

    /// A token with which somebody can show that their address is theirs.
    ///
    /// # Errors
    /// [`Error::NotFound`] for guests.
    pub async fn new_verification(&self, user: UserId, token: &NewToken) -> Result<Verification> {
        let mut tx = self.pool().begin().await?;
        let person = sqlx::query!(
            "SELECT email::text AS email, email_verified_at FROM users WHERE id = $1 FOR NO KEY UPDATE",
            user.0
        )
        .fetch_one(&mut *tx)
        .await?;
        let email = person.email.ok_or(Error::NotFound)?;
        if person.email_verified_at.is_some() {
            return Ok(Verification::Verified);
        }
        let recent = sqlx::query!(
            r#"SELECT count(*) AS "count!", min(created_at) AS oldest FROM email_verifications
               WHERE user_id = $1 AND created_at > now() - interval '1 hour'"#,
            user.0
        )
        .fetch_one(&mut *tx)
        .await?;
        if let Some(oldest) = recent.oldest.filter(|_| recent.count >= token.hourly) {
            let free = oldest + time::Duration::HOUR - OffsetDateTime::now_utc();
            let wait = free.max(time::Duration::SECOND);
            return Ok(Verification::Wait(wait.unsigned_abs()));
        }
        sqlx::query!(
            "INSERT INTO email_verifications (id, user_id, email, token_hash, expires_at)
             VALUES ($1, $2, $3::text::citext, $4, now() + $5::float8 * interval '1 second')",
            new_id::<Uuid>(),
            user.0,
            email,
            &token.hash[..],
            token.life.as_secs_f64()
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Verification::Made(email))
    }

    /// Uses a verification: the address it was sent to is its user's.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the token is unknown, used or too old, or the address is no longer theirs.
    pub async fn verify_email(&self, hash: &[u8; 32], event: &Event) -> Result<()> {
        let mut tx = self.pool().begin().await?;
        let user = sqlx::query_scalar!(
            "UPDATE email_verifications v SET used_at = now() FROM users u
             WHERE v.token_hash = $1 AND v.used_at IS NULL AND v.expires_at > now()
                   AND u.id = v.user_id AND u.email = v.email
             RETURNING v.user_id",
            &hash[..]
        )
        .fetch_one(&mut *tx)
        .await?;
        sqlx::query!(
            "UPDATE users SET email_verified_at = coalesce(email_verified_at, now()), updated_at = now() WHERE id = $1",
            user
        )
        .execute(&mut *tx)
        .await?;
        let event = Event {
            user: Some(UserId(user)),
            ..event.clone()
        };
        audit::record(&mut *tx, &event).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets tokens that expired a week ago.
    pub async fn delete_expired_tokens(&self) -> Result<()> {
        sqlx::query!(
            "WITH resets AS (DELETE FROM password_resets WHERE expires_at < now() - interval '7 days')
             DELETE FROM email_verifications WHERE expires_at < now() - interval '7 days'"
        )
        .execute(self.pool())
        .await?;
        Ok(())
    }
}

impl PendingReset {
    /// The letter is written down, or there is none to write.
    pub async fn done(self) -> Result<()> {
        self.tx.commit().await?;
        Ok(())
    }
}

/// Stores a reset, unless there were enough of late.
async fn reset_for(tx: &mut PgConnection, token: &NewToken, event: &Event) -> Result<bool> {
    let Some(user) = event.user else {
        return Ok(false);
    };
    let recent = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM password_resets
           WHERE user_id = $1 AND created_at > now() - interval '1 hour'"#,
        user.0
    )
    .fetch_one(&mut *tx)
    .await?;
    if recent >= token.hourly {
        return Ok(false);
    }
    end_resets(&mut *tx, user).await?;
    sqlx::query!(
        "INSERT INTO password_resets (id, user_id, token_hash, expires_at)
         VALUES ($1, $2, $3, now() + $4::float8 * interval '1 second')",
        new_id::<Uuid>(),
        user.0,
        &token.hash[..],
        token.life.as_secs_f64()
    )
    .execute(&mut *tx)
    .await?;
    audit::record(&mut *tx, event).await?;
    Ok(true)
}

/// No reset of theirs works any more.
async fn end_resets(tx: &mut PgConnection, user: UserId) -> Result<()> {
    sqlx::query!(
        "UPDATE password_resets SET used_at = now() WHERE user_id = $1 AND used_at IS NULL",
        user.0
    )
    .execute(tx)
    .await?;
    Ok(())
}
