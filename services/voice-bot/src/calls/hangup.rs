//! `POST /api/calls/{id}/hangup`: ends a call.

use super::{audit, named, whole};
use crate::address::Client;
use crate::failure;
use crate::openapi::{Failures, SessionFailures};
use crate::session::Member;
use crate::state::AppState;
use crate::twilio::TwilioError;
use api::calls::{Call, CallStatus, Direction};
use api::ids::CallId;
use api::{ErrorCode, ErrorEnvelope};
use axum::extract::State;
use data_model::Progress;
use pipeline::EndReason;
use service::{ApiError, ApiResult, Json, Path};
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How long a call that is led here may take to be written down.
const PATIENCE: Duration = Duration::from_secs(5);

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(hangup))
}

/// Ends a call at once; telephone calls for members with an account. How a telephone call ended
/// comes by webhook a moment later.
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
    let tenant = member.tenant(&state);
    let call = tenant.call(id).await.map_err(failure::of("call"))?;
    if call.direction != Direction::Web || call.provider_call_id.is_some() {
        member.require_account()?;
    }
    if call.status.is_over() {
        return Err(conflict("The call is over already."));
    }
    let is_led = state.live.call(id).is_some();
    if call.provider_call_id.is_none() && !is_led {
        return Err(conflict(match call.direction {
            Direction::Web => "The call is not led here any more; it will be ended soon.",
            _ => "The telephone company has not taken this call yet.",
        }));
    }
    let prefix = client.prefix;
    audit(&state, &member, client, "call.hung_up", named(id)).await?;
    if is_led {
        // Our end of the line first: its own record has more to say than the telephone company's.
        state.live.ended(id, EndReason::HungUp, PATIENCE).await;
    }
    let Some(sid) = &call.provider_call_id else {
        let call = tenant.call(id).await.map_err(failure::of("call"))?;
        return Ok(Json(whole(call, prefix)));
    };
    let status = match state.twilio()?.hang_up(sid).await {
        Ok(status) => status.filter(|status| status.is_over()),
        // The line is closed, which ends the call in a moment, too.
        Err(error) if is_led => {
            tracing::debug!(%error, "a call whose line was closed was not ended besides");
            None
        }
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
