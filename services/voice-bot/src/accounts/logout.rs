//! `POST /api/auth/logout`.

use super::begin::clear_cookies;
use super::{carried, event};
use crate::address::Client;
use crate::failure;
use crate::openapi::{Failures, OriginFailures};
use crate::state::AppState;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use service::ApiResult;

/// Ends the sign-in of this browser: no token of it works any more. Does nothing the second time.
#[utoipa::path(post, path = "/api/auth/logout", tag = "Accounts",
    responses((status = 204, description = "Nobody is signed in: takes both cookies away"), Failures, OriginFailures))]
pub(super) async fn logout(
    State(state): State<AppState>,
    client: Client,
    headers: HeaderMap,
) -> ApiResult<(StatusCode, HeaderMap)> {
    let event = event(&client, "logout");
    for session in carried(&state, &headers, true).await? {
        let ended = state.database.end_session(session, &event);
        ended.await.map_err(failure::of("session"))?;
    }
    Ok((StatusCode::NO_CONTENT, clear_cookies(&client)))
}
