//! Organizations: making, changing, leaving and deleting them, and which one a device works in.

use crate::actor::Actor;
use crate::audit;
use crate::column::Text;
use crate::database::Database;
use crate::error::{Error, Result};
use crate::id::new_id;
use crate::memberships;
use crate::page::{Cursor, Page, Paging};
use crate::sessions::{self, SignedIn};
use crate::tenant::Tenant;
use api::Role;
use api::ids::{OrganizationId, UserId};
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Organizations one person may own.
const OWNED_AT_MOST: i64 = 100;

/// An organization as one of its members sees it.
#[derive(Debug, Clone)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// What it is called.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// One of its owners.
    pub owner_user_id: UserId,
    /// What the member may do.
    pub role: Role,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it last changed.
    pub updated_at: OffsetDateTime,
    /// Since when they belong to it.
    pub joined_at: OffsetDateTime,
}

/// Makes an organization with its first owner, as part of a transaction such as a sign-up's.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    name: &str,
    slug: &str,
    owner: UserId,
) -> Result<OrganizationId> {
    let id: OrganizationId = new_id();
    sqlx::query!(
        "INSERT INTO organizations (id, name, slug, owner_user_id) VALUES ($1, $2, $3::text::citext, $4)",
        id.0,
        name,
        slug,
        owner.0,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO organization_memberships (organization_id, user_id, role) VALUES ($1, $2, 'owner')",
        id.0,
        owner.0,
    )
    .execute(connection)
    .await?;
    Ok(id)
}

/// Makes this the organization in which a sign-in works, on all its refresh tokens.
pub(crate) async fn work_in(
    connection: &mut PgConnection,
    person: &SignedIn,
    organization: OrganizationId,
) -> Result<()> {
    // A refresh that runs now makes a row which the update would not see; so wait for it first.
    sessions::lock(&mut *connection, person.user_id).await?;
    sqlx::query!(
        "UPDATE user_sessions SET organization_id = $2 WHERE family_id = $1",
        person.family_id,
        organization.0,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "UPDATE users SET last_organization_id = $2 WHERE id = $1",
        person.user_id.0,
        organization.0,
    )
    .execute(connection)
    .await?;
    Ok(())
}

impl Database {
    /// Where somebody belongs, the newest membership first.
    pub async fn organizations_of(
        &self,
        user: UserId,
        paging: Paging,
    ) -> Result<Page<Organization>> {
        let rows = sqlx::query_as!(
            Organization,
            r#"SELECT o.id, o.name, o.slug::text AS "slug!", o.owner_user_id, m.role AS "role: Text<Role>",
                      o.created_at, o.updated_at, m.created_at AS joined_at
               FROM organization_memberships m JOIN organizations o ON o.id = m.organization_id
               WHERE m.user_id = $1
                 AND ($2::timestamptz IS NULL OR (m.created_at, m.organization_id) < ($2, $3::uuid))
               ORDER BY m.created_at DESC, m.organization_id DESC LIMIT $4"#,
            user.0,
            paging.time(),
            paging.id(),
            paging.fetch(),
        )
        .fetch_all(self.pool())
        .await?;
        Ok(paging.page(rows, |row| Cursor {
            time: row.joined_at,
            id: row.id.0,
        }))
    }

    /// Makes an organization that `person` owns; they work in it at once if they work in none.
    ///
    /// # Errors
    /// The constraint `organizations_slug_key`; [`Error::Conflict`] when they own too many.
    pub async fn create_organization(
        &self,
        person: &SignedIn,
        actor: &Actor,
        name: &str,
        slug: &str,
    ) -> Result<Organization> {
        let mut tx = self.pool().begin().await?;
        let owned = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM organization_memberships WHERE user_id = $1 AND role = 'owner'"#,
            actor.user.0
        )
        .fetch_one(&mut *tx)
        .await?;
        if owned >= OWNED_AT_MOST {
            return Err(Error::Conflict(
                "You own 100 organizations already; delete one first.",
            ));
        }
        let id = insert(&mut tx, name, slug, actor.user).await?;
        if person.organization_id.is_none() {
            work_in(&mut tx, person, id).await?;
        }
        let event = actor.event(id, "organization.created", json!({}));
        audit::record(&mut *tx, &event).await?;
        let organization = read(&mut tx, id, actor.user).await?;
        tx.commit().await?;
        Ok(organization)
    }
}

impl Database {
    /// Which of these were deleted: on record as such, and gone.
    pub async fn deleted_organizations(
        &self,
        among: &[OrganizationId],
    ) -> Result<Vec<OrganizationId>> {
        let among: Vec<uuid::Uuid> = among.iter().map(|id| id.0).collect();
        let deleted = sqlx::query_scalar!(
            r#"SELECT gone.id AS "id!" FROM unnest($1::uuid[]) AS gone (id)
               WHERE NOT EXISTS (SELECT FROM organizations o WHERE o.id = gone.id)
                 AND EXISTS (SELECT FROM audit_logs l
                             WHERE l.organization_id = gone.id AND l.action = 'organization.deleted')"#,
            &among
        )
        .fetch_all(self.pool())
        .await?;
        Ok(deleted.into_iter().map(OrganizationId).collect())
    }
}

impl Tenant<'_> {
    /// The organization itself, as `user` sees it; not found unless they belong to it.
    pub async fn organization(&self, user: UserId) -> Result<Organization> {
        let mut connection = self.pool().acquire().await?;
        read(&mut connection, self.id(), user).await
    }

    /// From now on the sign-in of `person` works here; not found unless they belong here.
    pub async fn switch_here(&self, person: &SignedIn) -> Result<Organization> {
        let mut tx = self.pool().begin().await?;
        let organization = read(&mut tx, self.id(), person.user_id).await?;
        work_in(&mut tx, person, self.id()).await?;
        tx.commit().await?;
        Ok(organization)
    }

    /// Gives it another name or slug; for admins.
    ///
    /// # Errors
    /// The constraint `organizations_slug_key`.
    pub async fn update_organization(
        &self,
        actor: &Actor,
        name: Option<&str>,
        slug: Option<&str>,
    ) -> Result<Organization> {
        let mut tx = self.pool().begin().await?;
        memberships::lock(&mut tx, self.id()).await?;
        memberships::require(&mut tx, self.id(), actor.user, Role::Admin).await?;
        sqlx::query!(
            "UPDATE organizations
             SET name = coalesce($2, name), slug = coalesce($3::text::citext, slug), updated_at = now()
             WHERE id = $1",
            self.id().0,
            name,
            slug,
        )
        .execute(&mut *tx)
        .await?;
        let changed = json!({ "name": name.is_some(), "slug": slug.is_some() });
        let event = actor.event(self.id(), "organization.updated", changed);
        audit::record(&mut *tx, &event).await?;
        let organization = read(&mut tx, self.id(), actor.user).await?;
        tx.commit().await?;
        Ok(organization)
    }

    /// Deletes it and everything it owns, for good; for owners. Its audit log stays, and says so.
    pub async fn delete_organization(&self, actor: &Actor) -> Result<()> {
        let mut tx = self.pool().begin().await?;
        // Many calls take longer than one statement may take elsewhere.
        sqlx::query!("SELECT set_config('statement_timeout', '300s', true) AS timeout")
            .fetch_one(&mut *tx)
            .await?;
        sqlx::query!(
            "SELECT id FROM organizations WHERE id = $1 FOR UPDATE",
            self.id().0
        )
        .fetch_one(&mut *tx)
        .await?;
        memberships::require(&mut tx, self.id(), actor.user, Role::Owner).await?;
        sqlx::query!("DELETE FROM organizations WHERE id = $1", self.id().0)
            .execute(&mut *tx)
            .await?;
        let event = actor.event(self.id(), "organization.deleted", json!({}));
        audit::record(&mut *tx, &event).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// An organization as `user` sees it; not found unless they belong to it.
pub(crate) async fn read(
    connection: &mut PgConnection,
    id: OrganizationId,
    user: UserId,
) -> Result<Organization> {
    let organization = sqlx::query_as!(
        Organization,
        r#"SELECT o.id, o.name, o.slug::text AS "slug!", o.owner_user_id, m.role AS "role: Text<Role>",
                  o.created_at, o.updated_at, m.created_at AS joined_at
           FROM organizations o JOIN organization_memberships m ON m.organization_id = o.id
           WHERE o.id = $1 AND m.user_id = $2"#,
        id.0,
        user.0,
    )
    .fetch_one(connection)
    .await?;
    Ok(organization)
}
