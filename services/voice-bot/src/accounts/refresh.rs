//! `POST /api/auth/refresh`: a new access token and a new refresh token for the old one.

use super::begin::{RefreshToken, clear_cookies, session, set_cookies};
use super::me;
use crate::address::Client;
use crate::cookies;
use crate::failure;
use crate::limits::Endpoint;
use crate::openapi::{Failures, LimitFailures, OriginFailures};
use crate::state::AppState;
use api::ErrorCode;
use api::accounts::Me;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use data_model::Refreshed;
use http::HeaderMap;
use service::{ApiError, ApiResult, Json};
use std::time::Duration;

/// How long a token that was replaced may still be brought: by the other tabs of the browser.
const GRACE: Duration = Duration::from_secs(10);

/// Replaces both cookies. A refresh token works once; one that comes again after ten seconds was
/// copied, and ends the whole sign-in.
#[utoipa::path(post, path = "/api/auth/refresh", tag = "Accounts",
    responses((status = 200, body = Me, description = "Sets both cookies"),
        (status = 401, body = api::ErrorEnvelope, description = "`missing_session`, `invalid_session`: takes both cookies away"),
        Failures, LimitFailures, OriginFailures))]
pub(super) async fn refresh(
    State(state): State<AppState>,
    client: Client,
    headers: HeaderMap,
) -> ApiResult<Response> {
    state.limits.check(Endpoint::Refresh, &client, None)?;
    if cookies::get(&headers, cookies::REFRESH).is_none() {
        let message = "There is no session to refresh: POST /bot/api/auth/login first.";
        return Err(ApiError::new(ErrorCode::MissingSession, message));
    }
    let Some(old) = RefreshToken::read(&headers) else {
        return Ok(ended(&client));
    };
    let token = RefreshToken::new()?;
    let new = session(&state, &client, &token);
    // What must end within the hour does, however often it is refreshed.
    let fixed_end = state.config.common.hipaa_mode;
    let database = &state.database;
    let refreshed = database.refresh_session(&old.hash, &new, GRACE, fixed_end);
    match refreshed.await.map_err(failure::of("session"))? {
        Refreshed::Started(started) => {
            let cookies = set_cookies(&state, &client, &started, &token)?;
            let me: Me = me::of(&state, started.user, started.organization).await?;
            Ok((cookies, Json(me)).into_response())
        }
        Refreshed::Reused => {
            tracing::warn!("a refresh token was used again; its sign-in has ended");
            Ok(ended(&client))
        }
        Refreshed::Invalid => Ok(ended(&client)),
    }
}

fn ended(client: &Client) -> Response {
    let message = "The session has ended; sign in again.";
    let error = ApiError::new(ErrorCode::InvalidSession, message);
    (clear_cookies(client), error).into_response()
}
