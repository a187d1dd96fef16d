//! Companies, who belongs to them and who is invited: the types of `/api/orgs` and `/api/invitations`.

use crate::Role;
use crate::ids::{InvitationId, OrganizationId, UserId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

/// An organization as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// What it is called.
    pub name: String,
    /// Its name in addresses; unique.
    pub slug: String,
    /// Who made it, or who it was handed to; one of its owners.
    pub owner_user_id: UserId,
    /// What the caller may do there.
    pub role: Role,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: OffsetDateTime,
    /// When its name or slug last changed.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: OffsetDateTime,
}

/// `POST /api/orgs`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewOrganization {
    /// What it is called: one line of 1 to 128 characters, trimmed.
    #[schema(
        min_length = 1,
        max_length = 128,
        pattern = r"[!-~]",
        example = "Acme Corp"
    )]
    pub name: String,
    /// Small letters, digits and hyphens, neither first nor last a hyphen; made from the name
    /// when it is left out.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$",
        example = "acme"
    )]
    pub slug: Option<String>,
}

/// `PATCH /api/orgs/{id}`: what is left out stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct OrganizationChange {
    /// As for a new one.
    #[schema(min_length = 1, max_length = 128)]
    pub name: Option<String>,
    /// As for a new one.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"
    )]
    pub slug: Option<String>,
}

/// `POST /api/orgs/switch`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct SwitchRequest {
    /// Where to work from now on.
    pub organization_id: OrganizationId,
}

/// Somebody who belongs to an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrganizationMember {
    /// Who.
    pub user_id: UserId,
    /// Their address; null for the guest in a guest's space.
    pub email: Option<String>,
    /// What they are called.
    pub name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub joined_at: OffsetDateTime,
}

/// `PATCH /api/orgs/{id}/members/{user_id}`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct RoleChange {
    /// What they may do from now on.
    pub role: Role,
}

/// What somebody can be invited as: owners are made among members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InvitedRole {
    /// Uses agents, sees calls.
    Member,
    /// Manages members, agents and settings.
    Admin,
}

impl From<InvitedRole> for Role {
    fn from(role: InvitedRole) -> Self {
        match role {
            InvitedRole::Member => Role::Member,
            InvitedRole::Admin => Role::Admin,
        }
    }
}

/// `POST /api/orgs/{id}/invitations`. Sent again for the same address, the old letter is void.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct NewInvitation {
    /// Whom; only an account with this address can accept.
    #[schema(min_length = 3, max_length = 254, format = Email, example = "colleague@example.com")]
    pub email: String,
    /// As what.
    pub role: InvitedRole,
}

/// An invitation that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Who invited them, while that account exists.
    pub invited_by: Option<UserId>,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub created_at: OffsetDateTime,
    /// Until when it can be accepted.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: OffsetDateTime,
}

/// Query of `GET /api/invitations/preview`.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PreviewQuery {
    /// From the letter.
    #[param(min_length = 1, max_length = 128)]
    pub token: String,
}

/// What an invitation says to whoever holds its letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationPreview {
    /// Where to.
    pub organization_name: String,
    /// Who invited, as far as they told their name.
    pub inviter_name: Option<String>,
    /// As what.
    pub role: Role,
    /// Whom, such as `c***@example.com`.
    pub email: String,
    /// Until when it can be accepted.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: OffsetDateTime,
}

/// `POST /api/invitations/accept`.
#[derive(Clone, Deserialize, ToSchema)]
pub struct AcceptInvitation {
    /// From the letter.
    #[schema(min_length = 1, max_length = 128)]
    pub token: String,
}
