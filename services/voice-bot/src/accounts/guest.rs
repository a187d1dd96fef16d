//! `POST /api/auth/guest`: a visitor without an account, with a space of their own.

use super::begin::begin_session;
use super::{How, carried_guest, event, me};
use crate::address::Client;
use crate::limits::Endpoint;
use crate::openapi::{BodyFailures, Failures, LimitFailures, OriginFailures};
use crate::state::AppState;
use crate::{failure, input};
use api::ErrorCode;
use api::accounts::{Guest, Me};
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use service::{ApiError, ApiResult, Json};

/// Signs in without an account; who signs up later keeps what the guest made. A guest who asks again
/// stays who they are.
#[utoipa::path(post, path = "/api/auth/guest", tag = "Accounts", request_body(content = Option<Guest>),
    responses((status = 201, body = Me, description = "A new guest: sets both cookies"),
        (status = 200, body = Me, description = "The guest whose cookies came: sets new ones"),
        Failures, BodyFailures, LimitFailures, OriginFailures))]
pub(super) async fn guest(
    State(state): State<AppState>,
    client: Client,
    headers: HeaderMap,
    body: Option<Json<Option<Guest>>>,
) -> ApiResult<(StatusCode, HeaderMap, Json<Me>)> {
    if !state.config.accounts.guest_enabled {
        let message = "There are no guests here (GUEST_ENABLED); sign up instead.";
        return Err(ApiError::new(ErrorCode::Forbidden, message));
    }
    let device = body.and_then(|body| body.0).and_then(|body| body.device_id);
    let device = device.map(|id| input::line("device_id", &id, 1..=128));
    let device = device.transpose()?;
    state.limits.check(Endpoint::Guest, &client, None)?;
    let (status, user) = match carried_guest(&state, &headers).await? {
        Some(user) => (StatusCode::OK, user),
        None => {
            let event = event(&client, "guest");
            let user = state.database.create_guest(device.as_deref(), &event);
            let user = user.await.map_err(failure::of("guest"))?;
            (StatusCode::CREATED, user)
        }
    };
    let (started, cookies) = begin_session(&state, &client, user, How::New).await?;
    let me = me::of(&state, user, started.organization).await?;
    Ok((status, cookies, Json(me)))
}
