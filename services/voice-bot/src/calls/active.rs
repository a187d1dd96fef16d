//! `GET /api/calls/active`: the calls that are going on.

use crate::address::Client;
use crate::live::Active;
use crate::openapi::{Failures, SessionFailures};
use crate::session::Member;
use crate::state::AppState;
use api::calls::ActiveCall;
use axum::extract::State;
use serde_json::json;
use service::{ApiResult, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(active))
}

/// The organization's calls that are going on, the oldest first, without what is said in them.
#[utoipa::path(get, path = "/api/calls/active", tag = "Calls", security(("session" = [])),
    responses((status = 200, body = Vec<ActiveCall>), Failures, SessionFailures))]
async fn active(
    State(state): State<AppState>,
    member: Member,
    client: Client,
) -> ApiResult<Json<Vec<ActiveCall>>> {
    super::audit_reading(&state, &member, client, "calls.listed", json!({})).await?;
    let calls = state.live.active(member.organization);
    Ok(Json(calls.iter().map(|call| wire(call)).collect()))
}

fn wire(call: &Active) -> ActiveCall {
    let now = call.now();
    let word = serde_json::to_value(now.state).unwrap_or_default();
    ActiveCall {
        id: call.id,
        agent_id: call.agent,
        agent_name: call.agent_name.clone(),
        customer_id: call.customer,
        direction: call.direction,
        from_number: call.from_number.clone(),
        to_number: call.to_number.clone(),
        answered_at: call.answered_at,
        state: word.as_str().unwrap_or_default().to_owned(),
        turns: now.segments.len(),
    }
}
