//! In which organization a device works.

use super::organizations::wire;
use crate::failure;
use crate::openapi::{BodyFailures, Failures, SessionFailures};
use crate::session::{Member, SignedIn};
use crate::state::AppState;
use api::ErrorEnvelope;
use api::organizations::{Organization, SwitchRequest};
use axum::extract::State;
use service::{ApiResult, Json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(active))
        .routes(routes!(switch))
}

/// The organization in which the caller works.
#[utoipa::path(get, path = "/api/orgs/active", tag = "Organizations", security(("session" = [])),
    responses((status = 200, body = Organization), (status = 404, body = ErrorEnvelope, description = "`not_found`: left this very moment"),
        Failures, SessionFailures))]
async fn active(State(state): State<AppState>, member: Member) -> ApiResult<Json<Organization>> {
    let organization = member
        .tenant(&state)
        .organization(member.person.user_id)
        .await;
    Ok(Json(wire(
        organization.map_err(failure::of("organization"))?,
    )))
}

/// Works in another organization from now on, on this device and after the next sign-in elsewhere.
#[utoipa::path(post, path = "/api/orgs/switch", tag = "Organizations", request_body = SwitchRequest, security(("session" = [])),
    responses((status = 200, body = Organization), (status = 404, body = ErrorEnvelope, description = "`not_found`"),
        Failures, SessionFailures, BodyFailures))]
async fn switch(
    State(state): State<AppState>,
    person: SignedIn,
    Json(to): Json<SwitchRequest>,
) -> ApiResult<Json<Organization>> {
    let tenant = state.database.tenant(to.organization_id);
    let organization = tenant.switch_here(&person.0).await;
    Ok(Json(wire(
        organization.map_err(failure::of("organization"))?,
    )))
}
