//! Invitations to an organization: single use, for one e-mail address, for a week. Only the SHA-256
//! of what the letter holds is stored.

use crate::actor::Actor;
use crate::audit;
use crate::column::{Maybe, Text};
use crate::database::Database;
use crate::error::{Error, Result};
use crate::id::new_id;
use crate::memberships;
use crate::organizations;
use crate::page::{Cursor, Page, Paging};
use crate::sessions::SignedIn;
use crate::tenant::Tenant;
use api::Role;
use api::ids::{InvitationId, OrganizationId, UserId};
use serde_json::json;
use sqlx::PgConnection;
use std::time::Duration;
use time::OffsetDateTime;

/// Invitations one person may send in a day: each is a letter to somebody who did not ask for it.
const A_DAY: i64 = 100;
const DAY: time::Duration = time::Duration::DAY;

/// An invitation that waits for its answer.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Who invited them.
    pub invited_by: Option<UserId>,
    /// When.
    pub created_at: OffsetDateTime,
    /// Until when it can be accepted.
    pub expires_at: OffsetDateTime,
}

/// What whoever holds the letter may know.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Where to.
    pub organization_name: String,
    /// Who invited.
    pub inviter_name: Option<String>,
    /// As what.
    pub role: Role,
    /// Whom; whole.
    pub email: String,
    /// Until when it can be accepted.
    pub expires_at: OffsetDateTime,
}

impl Tenant<'_> {
    /// Invitations that can still be accepted, the newest first.
    pub async fn invitations(&self, paging: Paging) -> Result<Page<Invitation>> {
        let rows = sqlx::query_as!(
            Invitation,
            r#"SELECT id, email::text AS "email!", role AS "role: Text<Role>",
                      invited_by AS "invited_by!: Maybe<UserId>", created_at, expires_at
               FROM organization_invitations
               WHERE organization_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now()
                 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
               ORDER BY created_at DESC, id DESC LIMIT $4"#,
            self.id().0,
            paging.time(),
            paging.id(),
            paging.fetch(),
        )
        .fetch_all(self.pool())
        .await?;
        Ok(paging.page(rows, |row| Cursor {
            time: row.created_at,
            id: row.id.0,
        }))
    }

    /// Invites an address for a week; an invitation it had is void. For admins.
    ///
    /// # Errors
    /// [`Error::Role`]; [`Error::Conflict`] when they belong here already; [`Error::TooMany`].
    pub async fn invite(
        &self,
        actor: &Actor,
        email: &str,
        role: Role,
        token_hash: [u8; 32],
    ) -> Result<Invitation> {
        let mut tx = self.pool().begin().await?;
        memberships::lock(&mut tx, self.id()).await?;
        memberships::require(&mut tx, self.id(), actor.user, Role::Admin).await?;
        bounded(&mut tx, actor.user).await?;
        let belongs = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM organization_memberships m JOIN users u ON u.id = m.user_id
                              WHERE m.organization_id = $1 AND u.email = $2::text::citext) AS "belongs!""#,
            self.id().0,
            email,
        )
        .fetch_one(&mut *tx)
        .await?;
        if belongs {
            return Err(Error::Conflict(
                "Somebody with this e-mail address belongs to the organization already.",
            ));
        }
        sqlx::query!(
            "UPDATE organization_invitations SET revoked_at = now()
             WHERE organization_id = $1 AND email = $2::text::citext AND accepted_at IS NULL AND revoked_at IS NULL",
            self.id().0,
            email,
        )
        .execute(&mut *tx)
        .await?;
        let invitation = sqlx::query_as!(
            Invitation,
            r#"INSERT INTO organization_invitations (id, organization_id, email, role, token_hash, invited_by, expires_at)
               VALUES ($1, $2, $3::text::citext, $4, $5, $6, now() + interval '7 days')
               RETURNING id, email::text AS "email!", role AS "role: Text<Role>",
                         invited_by AS "invited_by!: Maybe<UserId>", created_at, expires_at"#,
            new_id::<InvitationId>().0,
            self.id().0,
            email,
            role.as_str(),
            &token_hash[..],
            actor.user.0,
        )
        .fetch_one(&mut *tx)
        .await?;
        let details = json!({ "invitation_id": invitation.id, "role": role });
        let event = actor.event(self.id(), "invitation.created", details);
        audit::record(&mut *tx, &event).await?;
        tx.commit().await?;
        Ok(invitation)
    }

    /// Makes an invitation void; not found when it was accepted or void already. For admins.
    pub async fn revoke_invitation(&self, actor: &Actor, invitation: InvitationId) -> Result<()> {
        let mut tx = self.pool().begin().await?;
        memberships::lock(&mut tx, self.id()).await?;
        memberships::require(&mut tx, self.id(), actor.user, Role::Admin).await?;
        sqlx::query!(
            "UPDATE organization_invitations SET revoked_at = now()
             WHERE organization_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL
             RETURNING id",
            self.id().0,
            invitation.0,
        )
        .fetch_one(&mut *tx)
        .await?;
        let details = json!({ "invitation_id": invitation });
        let event = actor.event(self.id(), "invitation.revoked", details);
        audit::record(&mut *tx, &event).await?;
        tx.commit().await?;
        Ok(())
    }
}

impl Database {
    /// What an invitation says; [`Error::Expired`] unless it can be accepted.
    pub async fn preview_invitation(&self, token_hash: [u8; 32]) -> Result<Preview> {
        let preview = sqlx::query_as!(
            Preview,
            r#"SELECT o.name AS organization_name, u.name AS "inviter_name?", i.role AS "role: Text<Role>",
                      i.email::text AS "email!", i.expires_at
               FROM organization_invitations i
               JOIN organizations o ON o.id = i.organization_id
               LEFT JOIN users u ON u.id = i.invited_by
               WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()"#,
            &token_hash[..]
        )
        .fetch_optional(self.pool())
        .await?;
        preview.ok_or(Error::Expired)
    }

    /// Makes `person` a member, whose sign-in works there from now on. The letter proves that the
    /// address is theirs.
    ///
    /// # Errors
    /// [`Error::Expired`]; [`Error::Recipient`] when they sign in with another address.
    pub async fn accept_invitation(
        &self,
        person: &SignedIn,
        actor: &Actor,
        token_hash: [u8; 32],
    ) -> Result<organizations::Organization> {
        let mut tx = self.pool().begin().await?;
        let organization = sqlx::query_scalar!(
            "SELECT organization_id FROM organization_invitations WHERE token_hash = $1",
            &token_hash[..]
        )
        .fetch_optional(&mut *tx)
        .await?;
        let organization = OrganizationId(organization.ok_or(Error::Expired)?);
        let locked = memberships::lock(&mut tx, organization).await;
        locked.map_err(|error| match error {
            // Deleted this very moment.
            Error::NotFound => Error::Expired,
            error => error,
        })?;
        let invitation = sqlx::query!(
            r#"SELECT i.id, i.role AS "role: Text<Role>", i.email = u.email AS "theirs"
               FROM organization_invitations i, users u
               WHERE i.token_hash = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()
                 AND u.id = $2"#,
            &token_hash[..],
            person.user_id.0,
        )
        .fetch_optional(&mut *tx)
        .await?;
        let invitation = invitation.ok_or(Error::Expired)?;
        if invitation.theirs != Some(true) {
            return Err(Error::Recipient);
        }
        let (id, role) = (InvitationId(invitation.id), Role::from(invitation.role));
        join(&mut tx, organization, person.user_id, id, role).await?;
        organizations::work_in(&mut tx, person, organization).await?;
        let details = json!({ "invitation_id": id, "role": role });
        let event = actor.event(organization, "invitation.accepted", details);
        audit::record(&mut *tx, &event).await?;
        let joined = organizations::read(&mut tx, organization, person.user_id).await?;
        tx.commit().await?;
        Ok(joined)
    }
}

/// The membership, the used invitation and the verified address.
async fn join(
    connection: &mut PgConnection,
    organization: OrganizationId,
    user: UserId,
    invitation: InvitationId,
    role: Role,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO organization_memberships (organization_id, user_id, role) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
        organization.0,
        user.0,
        role.as_str(),
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "UPDATE organization_invitations SET accepted_at = now(), accepted_by = $3
         WHERE organization_id = $1 AND id = $2",
        organization.0,
        invitation.0,
        user.0,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "UPDATE users SET email_verified_at = coalesce(email_verified_at, now()), updated_at = now() WHERE id = $1",
        user.0
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// [`Error::TooMany`] when they invited enough for a day. Counted in the log, which outlives
/// organizations.
async fn bounded(connection: &mut PgConnection, inviter: UserId) -> Result<()> {
    let since = OffsetDateTime::now_utc() - DAY;
    let sent = sqlx::query!(
        r#"SELECT count(*) AS "count!", min(created_at) AS first FROM audit_logs
           WHERE user_id = $1 AND action = 'invitation.created' AND created_at > $2"#,
        inviter.0,
        since,
    )
    .fetch_one(connection)
    .await?;
    match sent.first {
        Some(first) if sent.count >= A_DAY => {
            let wait = Duration::try_from(first - since).unwrap_or_default();
            Err(Error::TooMany(wait))
        }
        _ => Ok(()),
    }
}
