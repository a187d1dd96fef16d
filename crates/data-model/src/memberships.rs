//! Who belongs to an organization and as what. Changes of one organization's members wait for each
//! other, so that the rules hold whatever comes at once.

use crate::actor::Actor;
use crate::audit;
use crate::column::Text;
use crate::database::Database;
use crate::error::{Error, Result};
use crate::page::{Cursor, Page, Paging};
use crate::sessions;
use crate::tenant::Tenant;
use api::Role;
use api::ids::{OrganizationId, UserId};
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Somebody who belongs to an organization.
#[derive(Debug, Clone)]
pub struct OrganizationMember {
    /// Who.
    pub user_id: UserId,
    /// Their address; none for guests.
    pub email: Option<String>,
    /// What they are called.
    pub name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub created_at: OffsetDateTime,
}

/// Holds back other changes of members and invitations until the transaction ends. What only
/// refers to the organization, such as a new call, does not wait.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    organization: OrganizationId,
) -> Result<()> {
    sqlx::query!(
        "SELECT id FROM organizations WHERE id = $1 FOR NO KEY UPDATE",
        organization.0
    )
    .fetch_one(connection)
    .await?;
    Ok(())
}

/// What somebody may do there; not found unless they belong there.
pub(crate) async fn role(
    connection: &mut PgConnection,
    organization: OrganizationId,
    user: UserId,
) -> Result<Role> {
    let membership = sqlx::query!(
        r#"SELECT role AS "role: Text<Role>" FROM organization_memberships
           WHERE organization_id = $1 AND user_id = $2"#,
        organization.0,
        user.0,
    )
    .fetch_one(connection)
    .await?;
    Ok(membership.role.into())
}

/// [`Error::Role`] unless they have this role or a higher one.
pub(crate) async fn require(
    connection: &mut PgConnection,
    organization: OrganizationId,
    user: UserId,
    least: Role,
) -> Result<()> {
    let role = role(connection, organization, user).await?;
    if role >= least {
        Ok(())
    } else {
        Err(Error::Role(least))
    }
}

impl Database {
    /// What somebody may do in an organization; not found unless they belong to it.
    pub async fn role_in(&self, user: UserId, organization: OrganizationId) -> Result<Role> {
        let mut connection = self.pool().acquire().await?;
        role(&mut connection, organization, user).await
    }
}

impl Tenant<'_> {
    /// Everybody who belongs here, the newest first.
    pub async fn members(&self, paging: Paging) -> Result<Page<OrganizationMember>> {
        let rows = sqlx::query_as!(
            OrganizationMember,
            r#"SELECT m.user_id, u.email::text AS email, u.name, m.role AS "role: Text<Role>", m.created_at
               FROM organization_memberships m JOIN users u ON u.id = m.user_id
               WHERE m.organization_id = $1
                 AND ($2::timestamptz IS NULL OR (m.created_at, m.user_id) < ($2, $3::uuid))
               ORDER BY m.created_at DESC, m.user_id DESC LIMIT $4"#,
            self.id().0,
            paging.time(),
            paging.id(),
            paging.fetch(),
        )
        .fetch_all(self.pool())
        .await?;
        Ok(paging.page(rows, |row| Cursor {
            time: row.created_at,
            id: row.user_id.0,
        }))
    }

    /// Gives a member another role. Admins set roles below owner; only owners make and unmake owners.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::LastOwner`].
    pub async fn set_role(
        &self,
        actor: &Actor,
        member: UserId,
        to: Role,
    ) -> Result<OrganizationMember> {
        let mut tx = self.pool().begin().await?;
        lock(&mut tx, self.id()).await?;
        let own = role(&mut tx, self.id(), actor.user).await?;
        let from = role(&mut tx, self.id(), member).await?;
        let takes = if from == Role::Owner || to == Role::Owner {
            Role::Owner
        } else {
            Role::Admin
        };
        if own < takes {
            return Err(Error::Role(takes));
        }
        sqlx::query!(
            "UPDATE organization_memberships SET role = $3 WHERE organization_id = $1 AND user_id = $2",
            self.id().0,
            member.0,
            to.as_str(),
        )
        .execute(&mut *tx)
        .await?;
        if from == Role::Owner && to != Role::Owner {
            self.hand_over(&mut tx, member).await?;
        }
        if to == Role::Member {
            self.revoke_invitations_of(&mut tx, member).await?;
        }
        let details = json!({ "user_id": member, "from": from, "to": to });
        let event = actor.event(self.id(), "member.role_changed", details);
        audit::record(&mut *tx, &event).await?;
        let membership = self.member(&mut tx, member).await?;
        tx.commit().await?;
        Ok(membership)
    }

    /// Ends a membership and what it gave access to. Anyone may leave; admins remove others, owners
    /// also owners.
    ///
    /// # Errors
    /// [`Error::Role`], [`Error::LastOwner`].
    pub async fn remove_member(&self, actor: &Actor, member: UserId) -> Result<()> {
        let mut tx = self.pool().begin().await?;
        lock(&mut tx, self.id()).await?;
        let own = role(&mut tx, self.id(), actor.user).await?;
        let (itself, action) = match actor.user == member {
            true => (true, "member.left"),
            false => (false, "member.removed"),
        };
        if !itself && own < Role::Admin {
            return Err(Error::Role(Role::Admin));
        }
        let was = role(&mut tx, self.id(), member).await?;
        if !itself && was == Role::Owner && own != Role::Owner {
            return Err(Error::Role(Role::Owner));
        }
        sqlx::query!(
            "DELETE FROM organization_memberships WHERE organization_id = $1 AND user_id = $2",
            self.id().0,
            member.0,
        )
        .execute(&mut *tx)
        .await?;
        if was == Role::Owner {
            self.hand_over(&mut tx, member).await?;
        }
        self.revoke_invitations_of(&mut tx, member).await?;
        sessions::lock(&mut tx, member).await?;
        sqlx::query!(
            "UPDATE user_sessions SET organization_id = NULL WHERE user_id = $2 AND organization_id = $1",
            self.id().0,
            member.0,
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "UPDATE users SET last_organization_id = NULL WHERE id = $2 AND last_organization_id = $1",
            self.id().0,
            member.0,
        )
        .execute(&mut *tx)
        .await?;
        let event = actor.event(self.id(), action, json!({ "user_id": member, "role": was }));
        audit::record(&mut *tx, &event).await?;
        tx.commit().await?;
        Ok(())
    }

    /// After an owner went: there must be another, who becomes the owner on record if they were.
    async fn hand_over(&self, connection: &mut PgConnection, gone: UserId) -> Result<()> {
        let next = sqlx::query_scalar!(
            "SELECT user_id FROM organization_memberships
             WHERE organization_id = $1 AND role = 'owner' ORDER BY created_at, user_id LIMIT 1",
            self.id().0
        )
        .fetch_optional(&mut *connection)
        .await?;
        let next = next.ok_or(Error::LastOwner)?;
        sqlx::query!(
            "UPDATE organizations SET owner_user_id = $2 WHERE id = $1 AND owner_user_id = $3",
            self.id().0,
            next,
            gone.0,
        )
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Whoever may no longer invite must not have a letter left that lets them in again.
    async fn revoke_invitations_of(
        &self,
        connection: &mut PgConnection,
        inviter: UserId,
    ) -> Result<()> {
        sqlx::query!(
            "UPDATE organization_invitations SET revoked_at = now()
             WHERE organization_id = $1 AND invited_by = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
            self.id().0,
            inviter.0,
        )
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn member(
        &self,
        connection: &mut PgConnection,
        user: UserId,
    ) -> Result<OrganizationMember> {
        let membership = sqlx::query_as!(
            OrganizationMember,
            r#"SELECT m.user_id, u.email::text AS email, u.name, m.role AS "role: Text<Role>", m.created_at
               FROM organization_memberships m JOIN users u ON u.id = m.user_id
               WHERE m.organization_id = $1 AND m.user_id = $2"#,
            self.id().0,
            user.0,
        )
        .fetch_one(connection)
        .await?;
        Ok(membership)
    }
}
