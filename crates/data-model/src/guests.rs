//! Visitors without an account: how they come, and that they go when they stay away.

use crate::audit::{self, Event};
use crate::database::Database;
use crate::error::Result;
use crate::id::new_id;
use crate::users::personal_organization;
use api::ids::{OrganizationId, UserId};

/// What a guest is called.
pub(crate) const GUEST: &str = "Guest";

impl Database {
    /// A guest with an organization of their own.
    pub async fn create_guest(&self, device_id: Option<&str>, event: &Event) -> Result<UserId> {
        let mut tx = self.pool().begin().await?;
        let user = new_id::<UserId>();
        sqlx::query!(
            "INSERT INTO users (id, auth_provider, device_id) VALUES ($1, 'guest', $2)",
            user.0,
            device_id
        )
        .execute(&mut *tx)
        .await?;
        let organization = personal_organization(&mut tx, user, GUEST).await?;
        let event = Event {
            user: Some(user),
            organization: Some(organization),
            ..event.clone()
        };
        audit::record(&mut *tx, &event).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Removes guests who have not come for so many days, and the organizations that are theirs
    /// alone with all that is in them; so many guests at most. How many there were.
    pub async fn delete_idle_guests(&self, days: u32, most: i64) -> Result<u64> {
        let mut tx = self.pool().begin().await?;
        let idle = sqlx::query_scalar!(
            "SELECT id FROM users u
             WHERE auth_provider = 'guest' AND created_at < now() - $1::float8 * interval '1 day'
               AND NOT EXISTS (SELECT FROM user_sessions s
                   WHERE s.user_id = u.id AND s.created_at > now() - $1::float8 * interval '1 day')
             ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED",
            f64::from(days),
            most
        )
        .fetch_all(&mut *tx)
        .await?;
        let owned = sqlx::query_scalar!(
            "DELETE FROM organizations WHERE owner_user_id = ANY($1) RETURNING id",
            &idle
        )
        .fetch_all(&mut *tx)
        .await?;
        for organization in owned {
            // Also what tells that its recordings may go.
            let event = Event {
                organization: Some(OrganizationId(organization)),
                action: "organization.deleted",
                details: Some(serde_json::json!({"reason": "its guest was idle"})),
                ..Event::default()
            };
            audit::record(&mut *tx, &event).await?;
        }
        let deleted = sqlx::query!("DELETE FROM users WHERE id = ANY($1)", &idle)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(deleted.rows_affected())
    }
}
