//! Signing up, in and out: the types of `/api/auth`.

use crate::Role;
use crate::ids::{OrganizationId, UserId};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// How somebody became a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuthProvider {
    /// E-mail address and password.
    Password,
    /// A Google account.
    Google,
    /// Not at all: a guest.
    Guest,
}

impl AuthProvider {
    /// As it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            AuthProvider::Password => "password",
            AuthProvider::Google => "google",
            AuthProvider::Guest => "guest",
        }
    }
}

impl fmt::Display for AuthProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AuthProvider {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [
            AuthProvider::Password,
            AuthProvider::Google,
            AuthProvider::Guest,
        ];
        let found = all.into_iter().find(|provider| provider.as_str() == text);
        found.ok_or_else(|| "must be password, google or guest".to_owned())
    }
}

/// A password on its way in; never printed.
#[derive(Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// Body of `POST /api/auth/signup`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Signup {
    /// Where messages go, and what one signs in with; upper and lower case are the same.
    #[schema(min_length = 3, max_length = 254, format = Email)]
    pub email: String,
    /// 8 to 128 characters, none of the most common ones.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    pub password: Password,
    /// What they are called.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    pub name: Option<String>,
}

/// Body of `POST /api/auth/login`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct Login {
    /// What they signed up with.
    #[schema(min_length = 3, max_length = 254, format = Email)]
    pub email: String,
    /// Their password.
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 128)]
    pub password: Password,
}

/// Body of `POST /api/auth/guest`, which may be left out.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
pub struct Guest {
    /// What the browser or telephone calls itself, so that support can find its guest.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128)]
    pub device_id: Option<String>,
}

/// Somebody who is signed in, and where they work now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// Who.
    pub user: Profile,
    /// The active organization; null when there is none.
    pub organization: Option<Membership>,
    /// All organizations they belong to, the oldest first.
    pub organizations: Vec<Membership>,
}

/// A person, as they see themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Profile {
    /// Their id.
    pub id: UserId,
    /// Null for guests.
    pub email: Option<String>,
    /// Whether they showed that the address is theirs.
    pub email_verified: bool,
    /// What they are called.
    pub name: Option<String>,
    /// How they became a user.
    pub auth_provider: AuthProvider,
    /// Whether they have no account yet.
    pub is_guest: bool,
    /// When they came.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: OffsetDateTime,
}

/// An organization somebody belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Membership {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// What they may do there.
    pub role: Role,
}

/// What a sign-in page must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuthConfig {
    /// Whether `GET /api/auth/google/start` works.
    pub google_enabled: bool,
    /// Whether `POST /api/auth/signup` works.
    pub signup_enabled: bool,
    /// Whether `POST /api/auth/guest` works.
    pub guest_enabled: bool,
    /// Whether addresses are verified by e-mail.
    pub email_verification_enabled: bool,
    /// What passwords must be.
    pub password: PasswordRules,
}

/// What passwords must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PasswordRules {
    /// Characters at least.
    pub min_length: u32,
    /// Characters at most.
    pub max_length: u32,
    /// Whether the most common ones are refused.
    pub common_refused: bool,
}
