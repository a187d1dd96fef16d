//! Organizations themselves: list, make, read, change, delete.

use super::check;
use super::here::{Here, actor};
use super::recordings;
use crate::address::Client;
use crate::listing::{listing, paging};
use crate::openapi::{BodyFailures, Failures, SessionFailures};
use crate::session::SignedIn;
use crate::state::AppState;
use crate::{failure, input};
use api::organizations::{NewOrganization, Organization, OrganizationChange};
use api::page::{Listing, PageQuery};
use api::{ErrorEnvelope, Role};
use axum::extract::State;
use http::StatusCode;
use pipeline::EndReason;
use service::{ApiResult, Json, Query};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Characters of a name.
const NAME: std::ops::RangeInclusive<usize> = 1..=128;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(read, update, delete))
}

/// Where the caller belongs, the newest first.
#[utoipa::path(get, path = "/api/orgs", tag = "Organizations", params(PageQuery), security(("session" = [])),
    responses((status = 200, body = Listing<Organization>), Failures, SessionFailures))]
async fn list(
    State(state): State<AppState>,
    person: SignedIn,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Listing<Organization>>> {
    let paging = paging(&query)?;
    let page = state
        .database
        .organizations_of(person.0.user_id, paging)
        .await;
    let page = page.map_err(failure::of("organization"))?;
    Ok(Json(listing(&query, page, wire)))
}

/// Makes an organization that the caller owns. Without an active one, it becomes that.
#[utoipa::path(post, path = "/api/orgs", tag = "Organizations", request_body = NewOrganization, security(("session" = [])),
    responses((status = 201, body = Organization), (status = 409, body = ErrorEnvelope, description = "`slug_taken`; `conflict`: 100 are owned already"),
        Failures, SessionFailures, BodyFailures))]
async fn create(
    State(state): State<AppState>,
    person: SignedIn,
    client: Client,
    Json(new): Json<NewOrganization>,
) -> ApiResult<(StatusCode, Json<Organization>)> {
    person.require_account()?;
    let name = input::line("name", &new.name, NAME)?;
    let slug = match &new.slug {
        Some(slug) => check::slug(slug)?,
        None => check::slug_of(&name),
    };
    let actor = actor(&person.0, client);
    let made = state
        .database
        .create_organization(&person.0, &actor, &name, &slug)
        .await;
    let made = made.map_err(failure::of("organization"))?;
    Ok((StatusCode::CREATED, Json(wire(made))))
}

/// An organization to which the caller belongs.
#[utoipa::path(get, path = "/api/orgs/{id}", tag = "Organizations", params(("id" = uuid::Uuid, Path)), security(("session" = [])),
    responses((status = 200, body = Organization), (status = 404, body = ErrorEnvelope, description = "`not_found`"), Failures, SessionFailures))]
async fn read(State(state): State<AppState>, here: Here) -> ApiResult<Json<Organization>> {
    let tenant = here.member.tenant(&state);
    let organization = tenant.organization(here.actor.user).await;
    Ok(Json(wire(
        organization.map_err(failure::of("organization"))?,
    )))
}

/// Changes name and slug; for admins and owners.
#[utoipa::path(patch, path = "/api/orgs/{id}", tag = "Organizations", params(("id" = uuid::Uuid, Path)), request_body = OrganizationChange,
    security(("session" = [])),
    responses((status = 200, body = Organization), (status = 404, body = ErrorEnvelope, description = "`not_found`"),
        (status = 409, body = ErrorEnvelope, description = "`slug_taken`"), Failures, SessionFailures, BodyFailures))]
async fn update(
    State(state): State<AppState>,
    here: Here,
    Json(change): Json<OrganizationChange>,
) -> ApiResult<Json<Organization>> {
    here.member.require(Role::Admin)?;
    let name = change
        .name
        .as_deref()
        .map(|name| input::line("name", name, NAME))
        .transpose()?;
    let slug = change.slug.as_deref().map(check::slug).transpose()?;
    let tenant = here.member.tenant(&state);
    let changed = tenant.update_organization(&here.actor, name.as_deref(), slug.as_deref());
    let changed = changed.await.map_err(failure::of("organization"))?;
    Ok(Json(wire(changed)))
}

/// Deletes it with its agents, customers, calls, recordings and invitations, for good; for owners.
#[utoipa::path(delete, path = "/api/orgs/{id}", tag = "Organizations", params(("id" = uuid::Uuid, Path)), security(("session" = [])),
    responses((status = 204), (status = 404, body = ErrorEnvelope, description = "`not_found`"), Failures, SessionFailures))]
async fn delete(State(state): State<AppState>, here: Here) -> ApiResult<StatusCode> {
    here.member.require(Role::Owner)?;
    let deleted = here
        .member
        .tenant(&state)
        .delete_organization(&here.actor)
        .await;
    deleted.map_err(failure::of("organization"))?;
    let organization = here.member.organization;
    state.live.end_all(organization, EndReason::HungUp);
    recordings::remove(&state, organization).await;
    Ok(StatusCode::NO_CONTENT)
}

/// An organization as it travels.
pub fn wire(organization: data_model::Organization) -> Organization {
    Organization {
        id: organization.id,
        name: organization.name,
        slug: organization.slug,
        owner_user_id: organization.owner_user_id,
        role: organization.role,
        created_at: organization.created_at,
        updated_at: organization.updated_at,
    }
}
