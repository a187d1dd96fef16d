//! `POST /api/calls/{id}/hangup`: ends a call.

use super::{audit, named, whole};
use crate::address::Client;
use crate::failure;
use crate::openapi::{Failures, SessionFailures};
use crate::session::Member;
use crate::state::AppState;
use crate::twilio::TwilioError;
use api::calls::{Call, CallStatus};
use api::ids::CallId;
use api::{ErrorCode, ErrorEnvelope};
use axum::extract::State;
use data_model::Progress;
use service::{ApiError, ApiResult, Json, Path};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(hangup))
}

/// Ends a telephone call; for members with an account. How it ended comes by webhook a moment later.
#[utoipa::path(post, path = "/api/calls/{id}/hangup", tag = "Calls", params(("id" = CallId, Path)), security(("session" = [])),
    responses((status = 200, body = Call), (status = 404, body = ErrorEnvelope),
        (status = 409, body = ErrorEnvelope, description = "`conflict`: the call is over already, or not dialled yet"),
        (status = 424, body = ErrorEnvelope, description = "`upstream_failed`: Twilio did not end it; `not_configured`: the message names what is not set up"),
        Failures, SessionFailures))]
async fn hangup(
    State(state): State<AppState>,
    member: Member,
    client: Client,
    Path(id): Path<CallId>,
) -> ApiResult<Json<Call>> {
    member.require_account()?;
    let tenant = member.tenant(&state);
    let call = tenant.call(id).await.map_err(failure::of("call"))?;
    if call.status.is_over() {
        return Err(conflict("The call is over already."));
    }
    let Some(sid) = &call.provider_call_id else {
        return Err(conflict(
            "The telephone company has not taken this call yet.",
        ));
    };
    let prefix = client.prefix;
    audit(&state, &member, client, "call.hung_up", named(id)).await?;
    let status = match state.twilio()?.hang_up(sid).await {
        Ok(status) => status.filter(|status| status.is_over()),
        Err(TwilioError::Over) => {
            // Its webhook was lost, or comes yet.
            end(&state, &member, id, CallStatus::Completed).await?;
            return Err(conflict("The call is over already."));
        }
        Err(error) => {
            let message = format!("The call was not ended: {error}.");
            return Err(ApiError::new(ErrorCode::UpstreamFailed, message).with_source(error));
        }
    };
    let call = match status {
        Some(status) => end(&state, &member, id, status).await?,
        None => tenant.call(id).await.map_err(failure::of("call"))?,
    };
    Ok(Json(whole(call, prefix)))
}

async fn end(
    state: &AppState,
    member: &Member,
    id: CallId,
    status: CallStatus,
) -> ApiResult<data_model::Call> {
    let progress = Progress {
        status: Some(status),
        ..Progress::default()
    };
    let call = member.tenant(state).advance_call(id, &progress).await;
    call.map_err(failure::of("call"))
}

fn conflict(message: &str) -> ApiError {
    ApiError::new(ErrorCode::Conflict, message)
}
