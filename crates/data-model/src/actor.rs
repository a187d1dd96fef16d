//! Who does something that the audit log tells of.

use crate::audit::Event;
use api::ids::{OrganizationId, UserId};
use serde_json::Value;
use std::net::IpAddr;

/// Somebody who changes something.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who.
    pub user: UserId,
    /// From where.
    pub ip: Option<IpAddr>,
    /// With what.
    pub user_agent: Option<String>,
}

impl Actor {
    /// That they did `action` in `organization`.
    pub(crate) fn event(
        &self,
        organization: OrganizationId,
        action: &'static str,
        details: Value,
    ) -> Event {
        Event {
            user: Some(self.user),
            organization: Some(organization),
            action,
            ip: self.ip,
            user_agent: self.user_agent.clone(),
            details: Some(details),
        }
    }
}
