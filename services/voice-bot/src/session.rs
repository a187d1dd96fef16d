//! Who asks: read from the `access_token` cookie, looked up in the database on every request, so
//! that signing out, losing a role or leaving an organization take effect at once.

use crate::cookies;
use crate::failure;
use crate::keys::ISSUER;
use crate::state::AppState;
use api::ids::{OrganizationId, SessionId, UserId};
use api::{ErrorCode, Role};
use axum::extract::FromRequestParts;
use data_model::{Error, Tenant};
use http::HeaderMap;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use service::{ApiError, ApiResult};
use std::time::Duration;
use time::OffsetDateTime;

/// Who access tokens are for.
const AUDIENCE: &str = "access";

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    iat: i64,
    exp: i64,
}

/// Somebody with an account, or a guest.
#[derive(Debug, Clone)]
pub struct SignedIn(pub data_model::SignedIn);

/// Somebody who works in an organization now.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who.
    pub person: data_model::SignedIn,
    /// Where.
    pub organization: OrganizationId,
    /// As what.
    pub role: Role,
}

/// An access token for a session.
pub fn access_token(
    state: &AppState,
    user: UserId,
    session: SessionId,
    life: Duration,
) -> ApiResult<String> {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let claims = Claims {
        iss: ISSUER.into(),
        aud: AUDIENCE.into(),
        sub: user,
        sid: session,
        iat: now,
        exp: now + life.as_secs().cast_signed(),
    };
    state.keys.sign(&claims).map_err(ApiError::internal)
}

/// The session that the access token of a request names; whether it has been revoked is not looked at.
pub(crate) fn named(state: &AppState, headers: &HeaderMap) -> Option<SessionId> {
    let token = cookies::get(headers, cookies::ACCESS)?;
    let claims: Claims = state.keys.verify(token, AUDIENCE)?;
    Some(claims.sid)
}

/// Who the cookies of a request speak for.
pub async fn signed_in(state: &AppState, headers: &HeaderMap) -> ApiResult<data_model::SignedIn> {
    let Some(token) = cookies::get(headers, cookies::ACCESS) else {
        return Err(ApiError::new(
            ErrorCode::MissingSession,
            "Sign in first: POST /bot/api/auth/login, or /bot/api/auth/guest.",
        ));
    };
    let invalid = || {
        ApiError::new(
            ErrorCode::InvalidSession,
            "The session has ended; refresh it or sign in again.",
        )
    };
    let claims: Claims = state.keys.verify(token, AUDIENCE).ok_or_else(invalid)?;
    let person = state
        .database
        .signed_in(claims.sid)
        .await
        .map_err(|error| match error {
            Error::NotFound => invalid(),
            error => failure::of("session")(error),
        })?;
    (person.user_id == claims.sub)
        .then_some(person)
        .ok_or_else(invalid)
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        signed_in(state, &parts.headers).await.map(SignedIn)
    }
}

impl FromRequestParts<AppState> for Member {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        let person = signed_in(state, &parts.headers).await?;
        match (person.organization_id, person.role) {
            (Some(organization), Some(role)) => Ok(Member {
                person,
                organization,
                role,
            }),
            _ => Err(ApiError::new(
                ErrorCode::OrganizationRequired,
                "No organization is active: POST /bot/api/orgs/switch, or /bot/api/orgs to make one.",
            )),
        }
    }
}

impl SignedIn {
    /// 403 for guests.
    pub fn require_account(&self) -> ApiResult<()> {
        require_account(&self.0)
    }
}

impl Member {
    /// What their organization owns.
    pub fn tenant<'a>(&self, state: &'a AppState) -> Tenant<'a> {
        state.database.tenant(self.organization)
    }

    /// 403 unless they have this role or a higher one.
    pub fn require(&self, role: Role) -> ApiResult<()> {
        if self.role >= role {
            return Ok(());
        }
        let message = format!("This takes the role {role}; you are {} here.", self.role);
        Err(ApiError::new(ErrorCode::RoleRequired, message))
    }

    /// 403 for guests.
    pub fn require_account(&self) -> ApiResult<()> {
        require_account(&self.person)
    }
}

fn require_account(person: &data_model::SignedIn) -> ApiResult<()> {
    if person.is_guest() {
        let message =
            "A guest may not do this: POST /bot/api/auth/signup first; what you made is kept.";
        return Err(ApiError::new(ErrorCode::AccountRequired, message));
    }
    Ok(())
}
