//! People: making accounts and guests, and what they see of themselves.

use crate::audit::{self, Event};
use crate::column::Text;
use crate::database::Database;
use crate::error::Result;
use crate::guests::GUEST;
use crate::id::new_id;
use crate::organizations;
use crate::sessions;
use api::Role;
use api::accounts::AuthProvider;
use api::ids::{OrganizationId, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// What a sign-in with a password is checked against.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Whose.
    pub user: UserId,
    /// argon2id in PHC form; none when they sign in otherwise.
    pub password_hash: Option<String>,
    /// Where they worked last.
    pub organization: Option<OrganizationId>,
}

/// Somebody, as they see themselves.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Who.
    pub id: UserId,
    /// None for guests.
    pub email: Option<String>,
    /// When they showed that it is theirs.
    pub email_verified_at: Option<OffsetDateTime>,
    /// What they are called.
    pub name: Option<String>,
    /// How they became a user.
    pub auth_provider: AuthProvider,
    /// When they came.
    pub created_at: OffsetDateTime,
}

/// An organization somebody belongs to.
#[derive(Debug, Clone)]
pub struct Membership {
    /// Which.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// What they may do there.
    pub role: Role,
}

/// An account that is about to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// How; not a guest.
    pub provider: AuthProvider,
    /// Their address.
    pub email: String,
    /// Whether somebody trusted says that it is theirs.
    pub email_verified: bool,
    /// What they are called.
    pub name: Option<String>,
    /// argon2id in PHC form; none when they sign in otherwise.
    pub password_hash: Option<String>,
    /// The guest that becomes this account, and keeps what is theirs.
    pub guest: Option<UserId>,
}

impl Database {
    /// What to check a password against.
    pub async fn credentials(&self, email: &str) -> Result<Credentials> {
        let credentials = sqlx::query!(
            "SELECT id, password_hash, last_organization_id FROM users WHERE email = $1::text::citext",
            email
        )
        .fetch_one(self.pool())
        .await?;
        Ok(Credentials {
            user: UserId(credentials.id),
            password_hash: credentials.password_hash,
            organization: credentials.last_organization_id.map(OrganizationId),
        })
    }

    /// Somebody, as they see themselves.
    pub async fn profile(&self, user: UserId) -> Result<Profile> {
        let profile = sqlx::query_as!(
            Profile,
            r#"SELECT id, email::text AS email, email_verified_at, name,
                      auth_provider AS "auth_provider: Text<AuthProvider>", created_at
               FROM users WHERE id = $1"#,
            user.0
        )
        .fetch_one(self.pool())
        .await?;
        Ok(profile)
    }

    /// Where somebody belongs, the oldest first.
    pub async fn memberships(&self, user: UserId) -> Result<Vec<Membership>> {
        let memberships = sqlx::query_as!(
            Membership,
            r#"SELECT o.id, o.name, o.slug::text AS "slug!", m.role AS "role: Text<Role>"
               FROM organization_memberships m JOIN organizations o ON o.id = m.organization_id
               WHERE m.user_id = $1 ORDER BY m.created_at, o.id LIMIT 1000"#,
            user.0
        )
        .fetch_all(self.pool())
        .await?;
        Ok(memberships)
    }

    /// An account with an organization of its own, or the guest's. A guest's sign-ins end.
    ///
    /// # Errors
    /// `users_email_key` when the address is taken.
    pub async fn create_account(&self, new: &NewAccount, event: &Event) -> Result<UserId> {
        let mut tx = self.pool().begin().await?;
        let (user, organization) = create(&mut tx, new).await?;
        let event = Event {
            user: Some(user),
            organization,
            ..event.clone()
        };
        audit::record(&mut *tx, &event).await?;
        tx.commit().await?;
        Ok(user)
    }
}

/// [`Database::create_account`] as part of a transaction, which records the event itself. The
/// account, and where it works.
pub(crate) async fn create(
    tx: &mut PgConnection,
    new: &NewAccount,
) -> Result<(UserId, Option<OrganizationId>)> {
    let upgraded = match new.guest {
        Some(guest) => upgrade(&mut *tx, guest, new).await?,
        None => None,
    };
    match upgraded {
        Some(upgraded) => Ok(upgraded),
        None => insert(tx, new).await,
    }
}

/// Turns a guest into an account; none when they are no guest any more.
async fn upgrade(
    tx: &mut PgConnection,
    guest: UserId,
    new: &NewAccount,
) -> Result<Option<(UserId, Option<OrganizationId>)>> {
    let upgraded = sqlx::query!(
        "UPDATE users SET auth_provider = $2, email = $3::text::citext, name = $4, password_hash = $5,
                email_verified_at = CASE WHEN $6 THEN now() END, updated_at = now()
         WHERE id = $1 AND auth_provider = 'guest' RETURNING last_organization_id",
        guest.0,
        new.provider.as_str(),
        new.email,
        new.name,
        new.password_hash,
        new.email_verified,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(upgraded) = upgraded else {
        return Ok(None);
    };
    sessions::revoke_sessions(tx, guest, None).await?;
    sqlx::query!(
        "UPDATE organizations SET name = $2, updated_at = now() WHERE owner_user_id = $1 AND name = $3",
        guest.0,
        space(called(new)),
        space(GUEST)
    )
    .execute(tx)
    .await?;
    let organization = upgraded.last_organization_id.map(OrganizationId);
    Ok(Some((guest, organization)))
}

/// A new account and its organization.
async fn insert(
    tx: &mut PgConnection,
    new: &NewAccount,
) -> Result<(UserId, Option<OrganizationId>)> {
    let user = new_id::<UserId>();
    sqlx::query!(
        "INSERT INTO users (id, auth_provider, email, name, password_hash, email_verified_at)
         VALUES ($1, $2, $3::text::citext, $4, $5, CASE WHEN $6 THEN now() END)",
        user.0,
        new.provider.as_str(),
        new.email,
        new.name,
        new.password_hash,
        new.email_verified,
    )
    .execute(&mut *tx)
    .await?;
    let organization = personal_organization(tx, user, called(new)).await?;
    Ok((user, Some(organization)))
}

/// Makes the organization that somebody has from the beginning, so that everything works at once.
pub(crate) async fn personal_organization(
    tx: &mut PgConnection,
    user: UserId,
    called: &str,
) -> Result<OrganizationId> {
    let slug = slug(called, Uuid::now_v7());
    let id = organizations::insert(&mut *tx, &space(called), &slug, user).await?;
    sqlx::query!(
        "UPDATE users SET last_organization_id = $2 WHERE id = $1",
        user.0,
        id.0
    )
    .execute(tx)
    .await?;
    Ok(id)
}

/// Their name, or what stands before the `@` of their address.
fn called(new: &NewAccount) -> &str {
    let local = new.email.split('@').next().unwrap_or_default();
    new.name.as_deref().unwrap_or(local)
}

/// The name of somebody's own organization; 128 characters at most.
fn space(called: &str) -> String {
    called.chars().take(120).chain("'s space".chars()).collect()
}

/// Letters and digits of a name, and random ones so that nobody else has it.
fn slug(called: &str, id: Uuid) -> String {
    let mut slug = String::new();
    for letter in called.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => slug.push(letter),
            _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
        if slug.len() >= 32 {
            break;
        }
    }
    // The last 48 bits of a UUID version 7 are random.
    let random = id.as_u128() & 0xffff_ffff_ffff;
    format!("{}-{random:012x}", slug.trim_end_matches('-'))
        .trim_start_matches('-')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_makes_a_slug() {
        let id = Uuid::from_u128(0xabc);
        assert_eq!(slug("Ada  Lovelace!", id), "ada-lovelace-000000000abc");
        assert_eq!(slug("李", id), "000000000abc");
        assert!(slug(&"x-".repeat(200), id).len() <= 64);
    }

    #[test]
    fn a_long_name_still_makes_a_name() {
        assert_eq!(space(&"é".repeat(128)).chars().count(), 128);
    }
}
