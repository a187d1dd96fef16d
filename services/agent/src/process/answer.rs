//! The language model's part: an answer, or a command or a note that patterns do not know.

use super::{By, Processed, memory, note};
use crate::state::AppState;
use crate::storage::Owner;
use crate::talk::{Talk, Unheard};
use crate::tools::Toolbox;
use crate::who::Account;
use crate::{checks, failure};
use api::ErrorCode;
use api::conversation::{Command, Mode, ProcessRequest, TokenUsage};
use jiff::tz::TimeZone;
use llm::{Message, Request, Tool, ToolCall};
use serde_json::{Value, json};
use service::{ApiError, ApiResult};
use std::time::Duration;

/// Who the model is.
const PROMPT: &str = include_str!("../../data/process.md");
/// Longest answer in tokens: it is spoken.
const TOKENS: u32 = 1024;

const COMMAND: &str = "run_command";
const NOTE: &str = "take_note";

/// Asks the model.
pub async fn ask(
    state: &AppState,
    owner: &Owner,
    account: Option<Account>,
    request: &ProcessRequest,
    zone: TimeZone,
    spoken: Option<&str>,
) -> ApiResult<Processed> {
    failure::needs_model(&state.llm)?;
    let permit = state.talks.clone().try_acquire_owned();
    let _permit = permit.map_err(|_| ApiError::overloaded(Duration::from_secs(2)))?;
    let mut warnings = Vec::new();
    let mut messages = match request.history.unwrap_or(true) {
        true => memory::recall(state, owner, &mut warnings).await,
        false => Vec::new(),
    };
    if let Some(language) = spoken {
        messages.push(Message::Developer(format!("The user speaks `{language}`.")));
    }
    messages.push(Message::User(request.transcript.trim().to_owned()));
    let mut talk = Talk {
        llm: state.llm.clone(),
        request: Request {
            system: Some(PROMPT.trim().to_owned()),
            messages,
            model: request.model.clone(),
            max_tokens: Some(TOKENS),
            ..Request::default()
        },
        toolbox: Toolbox::builtin(checks::tool_context(
            state,
            owner.clone(),
            account,
            request.organization_id,
            zone,
        )),
        last_words: last_words(state, request.mode),
        total: state.config.llm.total(),
    };
    let first = talk.begin().await.map_err(failure::of)?;
    let ending = talk
        .finish(first, &mut Unheard)
        .await
        .map_err(failure::of)?;
    let mut processed = match ending.call {
        Some(call) if call.name == NOTE => kept(state, owner, call, request).await?,
        Some(call) => command(state, call, request)?,
        None if ending.text.trim().is_empty() => {
            let message = format!("{} sent an empty answer.", ending.provider);
            return Err(ApiError::new(ErrorCode::UpstreamFailed, message));
        }
        None => Processed::of(Mode::Answer, ending.text.trim().to_owned()),
    };
    processed.warnings.extend(warnings);
    processed.by = Some(By {
        provider: ending.provider,
        model: ending.model,
        usage: TokenUsage {
            input_tokens: ending.usage.input,
            cached_tokens: ending.usage.cached,
            output_tokens: ending.usage.output,
        },
    });
    Ok(processed)
}

/// The tools whose call is the result. None where the request wants an answer and nothing else.
fn last_words(state: &AppState, mode: Option<Mode>) -> Vec<Tool> {
    if mode == Some(Mode::Answer) {
        return Vec::new();
    }
    let kinds = state.commands.kinds();
    let names: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
    let mut description =
        "Has the device carry out a command. The commands and their arguments:\n".to_owned();
    for kind in &kinds {
        let arguments = Value::Object(kind.arguments.clone());
        description.push_str(&format!(
            "{}: {} {arguments}\n",
            kind.name, kind.description
        ));
    }
    let command = Tool {
        name: COMMAND.into(),
        description,
        parameters: json!({
            "type": "object",
            "properties": {
                "name": {"type": "string", "enum": names},
                "arguments": {"type": "object"},
            },
            "required": ["name"],
        }),
    };
    let note = Tool {
        name: NOTE.into(),
        description: "Keeps words for later.".into(),
        parameters: json!({
            "type": "object",
            "properties": {"text": {"type": "string", "description": "What to keep, in the user's words"}},
            "required": ["text"],
        }),
    };
    match mode {
        Some(Mode::Command) => vec![command],
        _ => vec![command, note],
    }
}

fn command(state: &AppState, mut call: ToolCall, request: &ProcessRequest) -> ApiResult<Processed> {
    let name = call.arguments["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    if !state.commands.knows(&name) {
        let message = "The language model named a command that there is not.";
        return Err(ApiError::new(ErrorCode::UpstreamFailed, message));
    }
    let arguments = match call.arguments["arguments"].take() {
        Value::Object(arguments) => arguments,
        _ => Default::default(),
    };
    Ok(Processed {
        command: Some(Command { name, arguments }),
        ..Processed::of(Mode::Command, request.transcript.trim().to_owned())
    })
}

async fn kept(
    state: &AppState,
    owner: &Owner,
    call: ToolCall,
    request: &ProcessRequest,
) -> ApiResult<Processed> {
    let text = call.arguments["text"]
        .as_str()
        .map(str::trim)
        .unwrap_or_default();
    let text = if text.is_empty() {
        request.transcript.trim()
    } else {
        text
    };
    let language = crate::language::guess(text);
    note(state, owner, text.to_owned(), language).await
}
