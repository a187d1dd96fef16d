//! Invitations: admins send and revoke them; whoever holds the letter and the address accepts.

use super::check;
use super::here::{Here, actor};
use super::organizations;
use crate::address::Client;
use crate::failure;
use crate::limits::Endpoint;
use crate::listing::{listing, paging};
use crate::mail::letters;
use crate::openapi::{BodyFailures, Failures, LimitFailures, SessionFailures};
use crate::session::SignedIn;
use crate::state::AppState;
use api::ids::{InvitationId, OrganizationId};
use api::organizations::{
    AcceptInvitation, Invitation, InvitationPreview, NewInvitation, Organization, PreviewQuery,
};
use api::page::{Listing, PageQuery};
use api::{ErrorEnvelope, Role};
use axum::extract::State;
use http::StatusCode;
use service::{ApiError, ApiResult, Json, Path, Query, Secret};
use sha2::{Digest, Sha256};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(revoke))
        .routes(routes!(preview))
        .routes(routes!(accept))
}

/// Invitations that can still be accepted, the newest first; for admins and owners.
#[utoipa::path(get, path = "/api/orgs/{id}/invitations", tag = "Organizations", params(("id" = uuid::Uuid, Path), PageQuery), security(("session" = [])),
    responses((status = 200, body = Listing<Invitation>), (status = 404, body = ErrorEnvelope, description = "`not_found`"), Failures, SessionFailures))]
async fn list(
    State(state): State<AppState>,
    here: Here,
    Query(query): Query<PageQuery>,
) -> ApiResult<Json<Listing<Invitation>>> {
    here.member.require(Role::Admin)?;
    let page = here
        .member
        .tenant(&state)
        .invitations(paging(&query)?)
        .await;
    let page = page.map_err(failure::of("organization"))?;
    Ok(Json(listing(&query, page, wire)))
}

/// Sends somebody a letter with which they can join for a week, once; one they had before is void.
/// For admins and owners with an account.
#[utoipa::path(post, path = "/api/orgs/{id}/invitations", tag = "Organizations", params(("id" = uuid::Uuid, Path)), request_body = NewInvitation,
    security(("session" = [])),
    responses((status = 201, body = Invitation), (status = 404, body = ErrorEnvelope, description = "`not_found`"),
        (status = 409, body = ErrorEnvelope, description = "`conflict`: they belong here already"),
        (status = 429, body = ErrorEnvelope, description = "`rate_limited`: 100 letters a day"), Failures, SessionFailures, BodyFailures))]
async fn create(
    State(state): State<AppState>,
    here: Here,
    Json(new): Json<NewInvitation>,
) -> ApiResult<(StatusCode, Json<Invitation>)> {
    here.member.require_account()?;
    here.member.require(Role::Admin)?;
    let email = check::email(&new.email)?;
    let token = Secret::random().map_err(ApiError::internal)?;
    let tenant = here.member.tenant(&state);
    let made = tenant
        .invite(&here.actor, &email, new.role.into(), hash(token.expose()))
        .await;
    let made = made.map_err(failure::of("organization"))?;
    letter(&state, &here, &made.email, &token).await?;
    Ok((StatusCode::CREATED, Json(wire(made))))
}

/// Makes an invitation void; for admins and owners.
#[utoipa::path(delete, path = "/api/orgs/{id}/invitations/{invitation_id}", tag = "Organizations", security(("session" = [])),
    params(("id" = uuid::Uuid, Path), ("invitation_id" = uuid::Uuid, Path)),
    responses((status = 204), (status = 404, body = ErrorEnvelope, description = "`not_found`"), Failures, SessionFailures))]
async fn revoke(
    State(state): State<AppState>,
    here: Here,
    Path(ids): Path<(OrganizationId, InvitationId)>,
) -> ApiResult<StatusCode> {
    here.member.require(Role::Admin)?;
    let revoked = here
        .member
        .tenant(&state)
        .revoke_invitation(&here.actor, ids.1)
        .await;
    revoked.map_err(failure::of("invitation"))?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an invitation says, to whoever holds its letter.
#[utoipa::path(get, path = "/api/invitations/preview", tag = "Organizations", params(PreviewQuery),
    responses((status = 200, body = InvitationPreview), Failures, LimitFailures))]
async fn preview(
    State(state): State<AppState>,
    client: Client,
    Query(query): Query<PreviewQuery>,
) -> ApiResult<Json<InvitationPreview>> {
    state.limits.check(Endpoint::Token, &client, None)?;
    let preview = state.database.preview_invitation(hash(&query.token)).await;
    let preview = preview.map_err(failure::of("invitation"))?;
    Ok(Json(InvitationPreview {
        organization_name: preview.organization_name,
        inviter_name: preview.inviter_name,
        role: preview.role,
        email: check::masked(&preview.email),
        expires_at: preview.expires_at,
    }))
}

/// Joins the organization and works there from now on. The account must have the invited address.
#[utoipa::path(post, path = "/api/invitations/accept", tag = "Organizations", request_body = AcceptInvitation, security(("session" = [])),
    responses((status = 200, body = Organization), Failures, SessionFailures, BodyFailures, LimitFailures))]
async fn accept(
    State(state): State<AppState>,
    person: SignedIn,
    client: Client,
    Json(invitation): Json<AcceptInvitation>,
) -> ApiResult<Json<Organization>> {
    person.require_account()?;
    state.limits.check(Endpoint::Token, &client, None)?;
    let actor = actor(&person.0, client);
    let token = hash(&invitation.token);
    let joined = state
        .database
        .accept_invitation(&person.0, &actor, token)
        .await;
    Ok(Json(organizations::wire(
        joined.map_err(failure::of("invitation"))?,
    )))
}

/// Only this is stored of a token.
fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Whom it cannot reach can be invited again, hence no more than an error.
async fn letter(state: &AppState, here: &Here, to: &str, token: &Secret) -> ApiResult<()> {
    let tenant = here.member.tenant(state);
    let organization = tenant.organization(here.actor.user).await;
    let organization = organization.map_err(failure::of("organization"))?;
    let person = &here.member.person;
    let inviter = person.name.as_deref().or(person.email.as_deref());
    let letter = letters::invitation(
        &state.config,
        to,
        token.expose(),
        &organization.name,
        inviter.unwrap_or_default(),
    );
    state.mailer.send(letter).await.map_err(ApiError::internal)
}

fn wire(invitation: data_model::Invitation) -> Invitation {
    Invitation {
        id: invitation.id,
        email: invitation.email,
        role: invitation.role,
        invited_by: invitation.invited_by,
        created_at: invitation.created_at,
        expires_at: invitation.expires_at,
    }
}
