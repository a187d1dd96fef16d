//! `/notes` and `/history`: what is kept of a user, and how to be rid of it.

use crate::openapi::Failures;
use crate::state::AppState;
use crate::who::Who;
use api::conversation::{Note, NotesQuery, UserQuery};
use api::page::Page;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use service::{ApiError, ApiResult, Json, Path, Query};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Notes of a page when the request does not say.
const PAGE: u32 = 50;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, clear))
        .routes(routes!(delete))
        .routes(routes!(forget))
}

/// How much was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deleted {
    /// Notes, or turns of a history.
    pub deleted: u64,
}

/// A user's notes, newest first; with `q` those that have its words, best first.
#[utoipa::path(get, path = "/notes", tag = "Conversation", params(NotesQuery,
    ("X-Device-Id" = Option<String>, Header, description = "Whose notes, where `user_id` is not given")),
    responses((status = 200, body = Page<Note>), Failures))]
async fn list(
    State(state): State<AppState>,
    who: Who,
    Query(query): Query<NotesQuery>,
) -> ApiResult<Json<Page<Note>>> {
    let owner = who.owner(query.user_id.as_deref())?;
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=200).contains(&limit) {
        return Err(ApiError::invalid_parameter(
            "limit",
            "`limit` must be 1 to 200.",
        ));
    }
    let limit = limit as usize;
    if let Some(words) = query.q.as_deref().filter(|words| !words.trim().is_empty()) {
        crate::checks::text(words, "q", 256)?;
        let data = state.storage.search_notes(&owner, words, limit).await?;
        return Ok(Json(Page {
            data,
            next_cursor: None,
        }));
    }
    let cursor = query.cursor.as_deref();
    if cursor.is_some_and(|cursor| Uuid::parse_str(cursor).is_err()) {
        let message = "`cursor` must be the `next_cursor` of the page before.";
        return Err(ApiError::invalid_parameter("cursor", message));
    }
    let mut data = state.storage.notes(&owner, cursor, limit + 1).await?;
    let more = data.len() > limit;
    data.truncate(limit);
    let next_cursor = data.last().filter(|_| more).map(|note| note.id.clone());
    Ok(Json(Page { data, next_cursor }))
}

/// Deletes every note of a user.
#[utoipa::path(delete, path = "/notes", tag = "Conversation", params(UserQuery,
    ("X-Device-Id" = Option<String>, Header, description = "Whose notes, where `user_id` is not given")),
    responses((status = 200, body = Deleted), Failures))]
async fn clear(
    State(state): State<AppState>,
    who: Who,
    Query(query): Query<UserQuery>,
) -> ApiResult<Json<Deleted>> {
    let owner = who.owner(query.user_id.as_deref())?;
    let deleted = state.storage.delete_notes(&owner).await?;
    Ok(Json(Deleted { deleted }))
}

/// Deletes a note.
#[utoipa::path(delete, path = "/notes/{id}", tag = "Conversation",
    params(("id" = Uuid, Path, description = "Id of the note"), UserQuery,
    ("X-Device-Id" = Option<String>, Header, description = "Whose note, where `user_id` is not given")),
    responses((status = 204, description = "It is gone"), (status = 404, body = api::ErrorEnvelope, description = "`not_found`"), Failures))]
async fn delete(
    State(state): State<AppState>,
    who: Who,
    Path(id): Path<Uuid>,
    Query(query): Query<UserQuery>,
) -> ApiResult<StatusCode> {
    let owner = who.owner(query.user_id.as_deref())?;
    match state.storage.delete_note(&owner, &id.to_string()).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::not_found("There is no such note.")),
    }
}

/// Forgets the conversation of a user with a device.
#[utoipa::path(delete, path = "/history", tag = "Conversation", params(UserQuery,
    ("X-Device-Id" = Option<String>, Header, description = "Which device; also the user, where `user_id` is not given")),
    responses((status = 200, body = Deleted), Failures))]
async fn forget(
    State(state): State<AppState>,
    who: Who,
    Query(query): Query<UserQuery>,
) -> ApiResult<Json<Deleted>> {
    let owner = who.owner(query.user_id.as_deref())?;
    let deleted = state.storage.delete_turns(&owner).await?;
    Ok(Json(Deleted { deleted }))
}
