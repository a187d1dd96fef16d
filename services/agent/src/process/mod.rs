//! `POST /process`: what somebody said, and what it comes to: an answer, a command, a note, or text.

mod answer;
pub mod dictation;
mod memory;

use crate::commands::Found;
use crate::openapi::Failures;
use crate::state::AppState;
use crate::storage::Owner;
use crate::who::Who;
use crate::{checks, language};
use api::conversation::TokenUsage;
use api::conversation::{
    Command, CommandKind, Method, Mode, Note, ProcessRequest, ProcessResponse,
};
use axum::extract::State;
use service::{ApiError, ApiResult, Json, request_id};
use std::time::Instant;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Characters of an utterance.
const TRANSCRIPT: usize = 20_000;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(process))
        .routes(routes!(commands))
}

/// What an utterance came to, before it is answered.
pub(crate) struct Processed {
    mode: Mode,
    text: String,
    command: Option<Command>,
    note: Option<Note>,
    language: Option<String>,
    by: Option<By>,
    warnings: Vec<String>,
}

/// The model that decided.
pub(crate) struct By {
    provider: &'static str,
    model: String,
    usage: TokenUsage,
}

impl Processed {
    fn of(mode: Mode, text: String) -> Self {
        Processed {
            mode,
            text,
            command: None,
            note: None,
            language: None,
            by: None,
            warnings: Vec::new(),
        }
    }
}

/// Takes one utterance: known commands, notes and dictation without a language model, everything
/// else with one. Earlier turns of the same user and device are its context.
#[utoipa::path(post, path = "/process", tag = "Conversation", request_body = ProcessRequest,
    params(("X-Device-Id" = Option<String>, Header, description = "The device; it has a history of its own")),
    responses((status = 200, body = ProcessResponse), Failures))]
async fn process(
    State(state): State<AppState>,
    who: Who,
    Json(request): Json<ProcessRequest>,
) -> ApiResult<Json<ProcessResponse>> {
    let begun = Instant::now();
    let owner = who.owner(request.user_id.as_deref())?;
    checks::text(&request.transcript, "transcript", TRANSCRIPT)?;
    checks::model(request.model.as_deref())?;
    let zone = checks::time_zone(request.time_zone.as_deref())?;
    let spoken = match request.language.as_deref() {
        Some(tag) if !language::is_tag(tag) => {
            let message = "`language` must be a tag such as en or hi-IN, or auto.";
            return Err(ApiError::invalid_parameter("language", message));
        }
        tag => tag.and_then(language::primary),
    };
    let mut processed = match by_rules(&state, &owner, &request, spoken.as_deref()).await? {
        Some(processed) => processed,
        None => {
            let account = who.account;
            answer::ask(&state, &owner, account, &request, zone, spoken.as_deref()).await?
        }
    };
    if request.history.unwrap_or(true) {
        memory::keep(&state, &owner, &request.transcript, &mut processed).await;
    }
    let said = processed.language.take();
    let language = spoken
        .or(said)
        .unwrap_or_else(|| language::guess(&request.transcript));
    let (provider, model, usage) = match processed.by {
        Some(by) => (Some(by.provider.to_owned()), Some(by.model), Some(by.usage)),
        None => (None, None, None),
    };
    Ok(Json(ProcessResponse {
        request_id: request_id::current().to_string(),
        mode: processed.mode,
        processed_text: processed.text,
        is_command: processed.command.is_some(),
        command: processed.command,
        note: processed.note,
        language,
        method: if provider.is_some() {
            Method::Llm
        } else {
            Method::Rules
        },
        provider,
        model,
        usage,
        warnings: processed.warnings,
        processing_ms: begun.elapsed().as_millis() as u64,
    }))
}

/// What the patterns know, or what the request says it is.
async fn by_rules(
    state: &AppState,
    owner: &Owner,
    request: &ProcessRequest,
    spoken: Option<&str>,
) -> ApiResult<Option<Processed>> {
    let found = match request.mode {
        Some(Mode::Answer) => return Ok(None),
        mode => (mode, state.commands.find(&request.transcript, spoken)),
    };
    let transcript = request.transcript.trim();
    let in_language = |language: Option<String>| {
        language
            .or(spoken.map(str::to_owned))
            .unwrap_or_else(|| language::guess(transcript))
    };
    let processed = match found {
        (None | Some(Mode::Command), Some((Found::Command(command), language))) => Processed {
            command: Some(command),
            language: Some(language),
            ..Processed::of(Mode::Command, transcript.to_owned())
        },
        (None | Some(Mode::Note), Some((Found::Note(text), language))) => {
            note(state, owner, text, language).await?
        }
        (None | Some(Mode::Dictation), Some((Found::Dictation(text), language))) => {
            dictated(&text, language)
        }
        // Said to be a note or a dictation: then all of it is.
        (Some(Mode::Note), _) => {
            note(state, owner, transcript.to_owned(), in_language(None)).await?
        }
        (Some(Mode::Dictation), _) => dictated(transcript, in_language(None)),
        _ => return Ok(None),
    };
    Ok(Some(processed))
}

fn dictated(text: &str, language: String) -> Processed {
    let text = dictation::clean(text, &language);
    Processed {
        language: Some(language),
        ..Processed::of(Mode::Dictation, text)
    }
}

async fn note(
    state: &AppState,
    owner: &Owner,
    text: String,
    language: String,
) -> ApiResult<Processed> {
    let note = state.storage.add_note(owner, &text, &language).await?;
    Ok(Processed {
        note: Some(note),
        language: Some(language),
        ..Processed::of(Mode::Note, text)
    })
}

/// Commands that `/process` knows, by patterns in these languages and by language model in all.
#[utoipa::path(get, path = "/commands", tag = "Conversation", responses((status = 200, body = Vec<CommandKind>)))]
async fn commands(State(state): State<AppState>) -> Json<Vec<CommandKind>> {
    Json(state.commands.kinds())
}
