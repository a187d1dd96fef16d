//! `GET /api/audit`: what happened in the organization that matters for security.

use crate::failure;
use crate::listing::{listing, paging};
use crate::openapi::{Failures, SessionFailures};
use crate::session::Member;
use crate::state::AppState;
use api::Role;
use api::audit::AuditEntry;
use api::page::{Listing, PageQuery};
use axum::extract::State;
use service::{ApiResult, Json, Query};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// What happened in the active organization; for its admins and owners.
#[utoipa::path(get, path = "/api/audit", tag = "Organizations", params(PageQuery), security(("session" = [])),
    responses((status = 200, body = Listing<AuditEntry>), Failures, SessionFailures))]
async fn list(
    State(state): State<AppState>,
    member: Member,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Listing<AuditEntry>>> {
    member.require(Role::Admin)?;
    let page = member.tenant(&state).audit_log(paging(&query)?).await;
    let page = page.map_err(failure::of("audit log"))?;
    Ok(Json(listing(&query, page, wire)))
}

fn wire(entry: data_model::AuditEntry) -> AuditEntry {
    AuditEntry {
        id: entry.id,
        user_id: entry.user_id,
        action: entry.action,
        ip_address: entry.ip_address,
        user_agent: entry.user_agent,
        details: entry.details,
        created_at: entry.created_at,
    }
}
