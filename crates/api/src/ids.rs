//! Identifiers of people and of what they own: UUIDs, one type for each so that they cannot be mixed up.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                $name(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }
    )*};
}

ids! {
    /// A person with an account, or a guest.
    UserId;
    /// One refresh token of a sign-in; access tokens name it.
    SessionId;
    /// A company, or one person's own space.
    OrganizationId;
    /// An invitation to an organization.
    InvitationId;
    /// A voice agent.
    AgentId;
    /// A customer of an organization.
    CustomerId;
    /// A call.
    CallId;
    /// A line of the audit log.
    AuditId;
}
