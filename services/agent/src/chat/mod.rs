//! `POST /voice-agent/chat/stream`: a conversation, its answer as server-sent events.

mod events;
mod messages;

use crate::openapi::Failures;
use crate::state::AppState;
use crate::talk::Talk;
use crate::tools::Toolbox;
use crate::who::Who;
use crate::{checks, failure};
use api::conversation::{ChatEvent, ChatRequest};
use axum::extract::State;
use axum::response::Response;
use service::{ApiError, ApiResult, Json};
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(chat))
}

/// Answers a conversation as it comes, with tools. Ending the request ends the work. Until the
/// first event errors have their status; afterwards they are an `error` event before `done`.
#[utoipa::path(post, path = "/voice-agent/chat/stream", tag = "Conversation", request_body = ChatRequest,
    params(("X-Device-Id" = Option<String>, Header, description = "Whose notes, where `user_id` is not given")),
    responses((status = 200, description = "Server-sent events, one JSON object each; comments every 10 seconds of silence",
        content_type = "text/event-stream", body = ChatEvent), Failures))]
async fn chat(
    State(state): State<AppState>,
    who: Who,
    Json(chat): Json<ChatRequest>,
) -> ApiResult<Response> {
    let owner = who.owner(chat.user_id.as_deref())?;
    let zone = checks::time_zone(chat.time_zone.as_deref())?;
    let request = messages::request(&chat)?;
    let permit = state.talks.clone().try_acquire_owned();
    let permit = permit.map_err(|_| ApiError::overloaded(Duration::from_secs(2)))?;
    failure::needs_model(&state.llm)?;
    let context = checks::tool_context(&state, owner, who.account, chat.organization_id, zone);
    let toolbox = match &chat.tools {
        Some(specs) => Toolbox::declared(context, specs).await?,
        None => Toolbox::builtin(context),
    };
    let mut talk = Talk {
        llm: state.llm.clone(),
        request,
        toolbox,
        last_words: Vec::new(),
        total: state.config.llm.total(),
    };
    let first = talk.begin().await.map_err(failure::of)?;
    Ok(events::respond(talk, first, permit))
}
