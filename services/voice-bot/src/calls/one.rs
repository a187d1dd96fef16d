//! `GET /api/calls/{id}`: everything that was said in a call.

use super::{audit_reading, named, whole};
use crate::address::Client;
use crate::failure;
use crate::openapi::{Failures, SessionFailures};
use crate::session::Member;
use crate::state::AppState;
use api::ErrorEnvelope;
use api::calls::Call;
use api::ids::CallId;
use axum::extract::State;
use service::{ApiResult, Json, Path};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get))
}

/// One call, with its transcript, summary and metadata.
#[utoipa::path(get, path = "/api/calls/{id}", tag = "Calls", params(("id" = CallId, Path)), security(("session" = [])),
    responses((status = 200, body = Call), (status = 404, body = ErrorEnvelope), Failures, SessionFailures))]
async fn get(
    State(state): State<AppState>,
    member: Member,
    client: Client,
    Path(id): Path<CallId>,
) -> ApiResult<Json<Call>> {
    let call = member.tenant(&state).call(id).await;
    let call = whole(call.map_err(failure::of("call"))?, client.prefix);
    audit_reading(&state, &member, client, "call.read", named(id)).await?;
    Ok(Json(call))
}
