//! Sign-ins through somebody else, and the accounts they belong to.

use crate::audit::{self, Event};
use crate::database::Database;
use crate::error::{Error, Result};
use crate::id::new_id;
use crate::users::{self, NewAccount};
use api::accounts::AuthProvider;
use api::ids::UserId;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// Who Google says somebody is.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Never changes, whatever becomes of the address.
    pub subject: String,
    /// Their address.
    pub email: String,
    /// Whether Google knows that it is theirs.
    pub email_verified: bool,
    /// What they are called.
    pub name: Option<String>,
}

/// What an identity comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identified {
    /// Somebody who came this way before.
    Known(UserId),
    /// An account that was there already: both sides have verified the address.
    Linked(UserId),
    /// A new account, or the guest's.
    Created(UserId),
    /// Google, or we, do not know that the address is theirs. To sign them in would hand an account
    /// to whoever claims its address, or let them prepare one for its owner to walk into.
    EmailNotVerified,
    /// There is no such account, and none may be made.
    SignupDisabled,
}

impl Database {
    /// Finds or links the account of an identity, or makes one where people may sign up.
    pub async fn identify(
        &self,
        identity: &Identity,
        guest: Option<UserId>,
        signup: bool,
        event: &Event,
    ) -> Result<Identified> {
        match self.identify_once(identity, guest, signup, event).await {
            // Somebody was faster, perhaps this very person in another tab: now there is an account.
            Err(Error::Constraint(_)) => self.identify_once(identity, guest, signup, event).await,
            result => result,
        }
    }

    async fn identify_once(
        &self,
        identity: &Identity,
        guest: Option<UserId>,
        signup: bool,
        event: &Event,
    ) -> Result<Identified> {
        let mut tx = self.pool().begin().await?;
        let known = sqlx::query_scalar!(
            "SELECT user_id FROM oauth_accounts WHERE provider = 'google' AND provider_user_id = $1",
            identity.subject
        )
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(user) = known {
            return Ok(Identified::Known(UserId(user)));
        }
        if !identity.email_verified {
            return Ok(Identified::EmailNotVerified);
        }
        let same = sqlx::query!(
            "SELECT id, email_verified_at FROM users WHERE email = $1::text::citext FOR NO KEY UPDATE",
            identity.email
        )
        .fetch_optional(&mut *tx)
        .await?;
        let identified = match same {
            Some(same) if same.email_verified_at.is_none() => {
                return Ok(Identified::EmailNotVerified);
            }
            Some(same) => {
                let user = UserId(same.id);
                link(&mut tx, user, identity).await?;
                record(&mut tx, event, user, "oauth.linked").await?;
                Identified::Linked(user)
            }
            None if !signup => return Ok(Identified::SignupDisabled),
            None => {
                let new = NewAccount {
                    provider: AuthProvider::Google,
                    email: identity.email.clone(),
                    email_verified: true,
                    name: identity.name.clone(),
                    password_hash: None,
                    guest,
                };
                let (user, organization) = users::create(&mut tx, &new).await?;
                link(&mut tx, user, identity).await?;
                let event = Event {
                    organization,
                    ..event.clone()
                };
                record(&mut tx, &event, user, "signup").await?;
                Identified::Created(user)
            }
        };
        tx.commit().await?;
        Ok(identified)
    }
}

async fn link(tx: &mut PgConnection, user: UserId, identity: &Identity) -> Result<()> {
    sqlx::query!(
        "INSERT INTO oauth_accounts (id, user_id, provider, provider_user_id, email)
         VALUES ($1, $2, 'google', $3, $4::text::citext)",
        new_id::<Uuid>(),
        user.0,
        identity.subject,
        identity.email
    )
    .execute(tx)
    .await?;
    Ok(())
}

async fn record(
    tx: &mut PgConnection,
    event: &Event,
    user: UserId,
    action: &'static str,
) -> Result<()> {
    let event = Event {
        user: Some(user),
        action,
        details: Some(json!({ "method": "google" })),
        ..event.clone()
    };
    audit::record(tx, &event).await
}
