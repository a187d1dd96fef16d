//! Who belongs to an organization.

use super::here::Here;
use crate::failure;
use crate::listing::{listing, paging};
use crate::openapi::{BodyFailures, Failures, SessionFailures};
use crate::state::AppState;
use api::ErrorEnvelope;
use api::ids::{OrganizationId, UserId};
use api::organizations::{OrganizationMember, RoleChange};
use api::page::{Listing, PageQuery};
use axum::extract::State;
use http::StatusCode;
use service::{ApiResult, Json, Path, Query};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(update, remove))
}

/// Everybody who belongs here, the newest first.
#[utoipa::path(get, path = "/api/orgs/{id}/members", tag = "Organizations", params(("id" = uuid::Uuid, Path), PageQuery), security(("session" = [])),
    responses((status = 200, body = Listing<OrganizationMember>), (status = 404, body = ErrorEnvelope, description = "`not_found`"), Failures, SessionFailures))]
async fn list(
    State(state): State<AppState>,
    here: Here,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Listing<OrganizationMember>>> {
    let page = here.member.tenant(&state).members(paging(&query)?).await;
    let page = page.map_err(failure::of("organization"))?;
    Ok(Json(listing(&query, page, wire)))
}

/// Gives a member another role: admins below owner; only owners make and unmake owners.
#[utoipa::path(patch, path = "/api/orgs/{id}/members/{user_id}", tag = "Organizations", request_body = RoleChange, security(("session" = [])),
    params(("id" = uuid::Uuid, Path), ("user_id" = uuid::Uuid, Path)),
    responses((status = 200, body = OrganizationMember), (status = 404, body = ErrorEnvelope, description = "`not_found`"),
        (status = 409, body = ErrorEnvelope, description = "`last_owner`"), Failures, SessionFailures, BodyFailures))]
async fn update(
    State(state): State<AppState>,
    here: Here,
    Path(ids): Path<(OrganizationId, UserId)>,
    Json(change): Json<RoleChange>,
) -> ApiResult<Json<OrganizationMember>> {
    let tenant = here.member.tenant(&state);
    let member = tenant.set_role(&here.actor, ids.1, change.role).await;
    Ok(Json(wire(member.map_err(failure::of("member"))?)))
}

/// Ends a membership at once. Anyone may leave; admins remove members and admins, owners everybody.
#[utoipa::path(delete, path = "/api/orgs/{id}/members/{user_id}", tag = "Organizations", security(("session" = [])),
    params(("id" = uuid::Uuid, Path), ("user_id" = uuid::Uuid, Path)),
    responses((status = 204), (status = 404, body = ErrorEnvelope, description = "`not_found`"),
        (status = 409, body = ErrorEnvelope, description = "`last_owner`"), Failures, SessionFailures))]
async fn remove(
    State(state): State<AppState>,
    here: Here,
    Path(ids): Path<(OrganizationId, UserId)>,
) -> ApiResult<StatusCode> {
    let tenant = here.member.tenant(&state);
    let removed = tenant.remove_member(&here.actor, ids.1).await;
    removed.map_err(failure::of("member"))?;
    Ok(StatusCode::NO_CONTENT)
}

fn wire(member: data_model::OrganizationMember) -> OrganizationMember {
    OrganizationMember {
        user_id: member.user_id,
        email: member.email,
        name: member.name,
        role: member.role,
        joined_at: member.created_at,
    }
}
