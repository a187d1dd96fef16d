//! The organization that `{id}` of a path names: any to which the caller belongs, not only the one
//! they work in. For everybody else it does not exist.

use crate::address::Client;
use crate::failure;
use crate::session::{Member, signed_in};
use crate::state::AppState;
use axum::extract::{FromRequestParts, RawPathParams};
use data_model::Actor;
use http::request::Parts;
use service::{ApiError, ApiResult};

/// A member of the organization in the path, with what the audit log tells of them.
pub struct Here {
    /// Who, and as what.
    pub member: Member,
    /// Whoever changes something.
    pub actor: Actor,
}

impl FromRequestParts<AppState> for Here {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        let person = signed_in(state, &parts.headers).await?;
        let params = RawPathParams::from_request_parts(parts, state).await;
        let organization = params.ok().and_then(|params| {
            let id = params.iter().find(|(name, _)| *name == "id");
            id.and_then(|(_, id)| id.parse().ok())
        });
        let organization =
            organization.ok_or_else(|| ApiError::not_found("There is no such organization."))?;
        let role = state.database.role_in(person.user_id, organization).await;
        let role = role.map_err(failure::of("organization"))?;
        let actor = actor(&person, Client::from_request_parts(parts, state).await?);
        let member = Member {
            person,
            organization,
            role,
        };
        Ok(Here { member, actor })
    }
}

/// Somebody, as the audit log tells of them.
pub fn actor(person: &data_model::SignedIn, client: Client) -> Actor {
    Actor {
        user: person.user_id,
        ip: client.ip,
        user_agent: client.user_agent,
    }
}
