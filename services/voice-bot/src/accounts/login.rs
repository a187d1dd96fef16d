//! `POST /api/auth/login`.

use super::begin::begin_session;
use super::{How, event, me};
use crate::address::Client;
use crate::limits::Endpoint;
use crate::openapi::{BodyFailures, Failures, LimitFailures, OriginFailures};
use crate::state::AppState;
use crate::{failure, input, passwords};
use api::ErrorCode;
use api::accounts::{Login, Me};
use axum::extract::State;
use data_model::{Credentials, Error};
use http::HeaderMap;
use service::{ApiError, ApiResult, Json};

/// Signs in with e-mail address and password.
#[utoipa::path(post, path = "/api/auth/login", tag = "Accounts", request_body = Login,
    responses((status = 200, body = Me, description = "Signed in: sets both cookies"),
        (status = 401, body = api::ErrorEnvelope, description = "`invalid_credentials`"),
        Failures, BodyFailures, LimitFailures, OriginFailures))]
pub(super) async fn login(
    State(state): State<AppState>,
    client: Client,
    Json(body): Json<Login>,
) -> ApiResult<(HeaderMap, Json<Me>)> {
    let email = input::email("email", &body.email)?;
    passwords::bounded(&body.password.0, "password")?;
    let limits = &state.limits;
    limits.check(Endpoint::Login, &client, Some(&email))?;
    let found = match state.database.credentials(&email).await {
        Ok(found) => Some(found),
        Err(Error::NotFound) => None,
        Err(error) => return Err(failure::of("account")(error)),
    };
    let Some((user, hash)) = check(&state, &body.password.0, found.as_ref()).await? else {
        return Err(refuse(&state, &client, found.as_ref()).await);
    };
    let begun = begin_session(&state, &client, user, How::Password { hash }).await;
    let (started, cookies) = begun.map_err(|error| match error.code {
        // The password was changed, or the account deleted, between the check and now.
        ErrorCode::NotFound => wrong(),
        _ => error,
    })?;
    let me = me::of(&state, user, started.organization).await?;
    Ok((cookies, Json(me)))
}

/// Whose password it is, and as what it is stored. Takes as long when there is no such account.
async fn check(
    state: &AppState,
    password: &str,
    found: Option<&Credentials>,
) -> ApiResult<Option<(api::ids::UserId, String)>> {
    let stored = found.and_then(|found| found.password_hash.as_deref());
    let right = state.passwords.verify(password, stored).await?;
    Ok(found
        .zip(stored)
        .filter(|_| right)
        .map(|(found, stored)| (found.user, stored.to_owned())))
}

/// Puts it on record, whether there is such an account or not: the work is the same.
async fn refuse(state: &AppState, client: &Client, found: Option<&Credentials>) -> ApiError {
    let mut event = event(client, "login.failed");
    event.user = found.map(|found| found.user);
    event.organization = found.and_then(|found| found.organization);
    match state.database.audit(&event).await {
        Ok(()) => wrong(),
        Err(error) => failure::of("account")(error),
    }
}

fn wrong() -> ApiError {
    ApiError::new(
        ErrorCode::InvalidCredentials,
        "The e-mail address or the password is wrong.",
    )
}
