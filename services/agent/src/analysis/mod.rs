//! `POST /analyze` and `POST /summarize`: what a call was about, and how it went.
//!
//! The way of a call: [`transcript`] cleans it, [`fence`] shows it as data, [`ask`] has it read, in [`chunks`] where it
//! is long, [`presets`] say what is asked and what becomes of the answer, [`evidence`] finds or drops
//! its quotes. Without a capable model, [`rules`] judge what they can.

pub mod ask;
pub mod chunks;
pub mod evidence;
pub mod fence;
pub mod place;
pub mod presets;
pub mod rules;
pub mod settings;
pub mod summarize;
pub mod transcript;
mod wording;

use crate::failure;
use crate::openapi::Failures;
use crate::state::AppState;
use api::ErrorCode;
use api::analysis::{AnalyzeAnswer, AnalyzeRequest, Method};
use ask::{Asking, Trouble, capable};
use axum::extract::State;
use llm::LlmError;
use place::{Place, on_a_thread};
use presets::collections::Compliance;
use presets::general::Overview;
use presets::sales_coaching::Coaching;
use presets::{Judged, Preset, custom};
use service::{ApiError, ApiResult, Json, JsonUpTo};
use std::sync::Arc;
use std::time::{Duration, Instant};
use transcript::Call;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Largest request: four hours of Hindi with times and tags are about 3 MiB.
pub const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// Longest prompt of a client's own, in bytes.
const MODE_LIMIT: usize = 16_384;
const NO_MODEL: &str = "Judged by rules: no capable language model is set up.";
const WORDED: &str =
    "The small local model worded the list at the beginning of `summary`, and nothing else.";

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(analyze))
        .routes(routes!(summarize::summarize))
}

/// How to look at a call.
#[derive(Debug, PartialEq)]
enum Mode {
    General,
    SalesCoaching,
    Collections,
    Custom(String),
}

impl Mode {
    fn read(text: &str) -> ApiResult<Self> {
        let text = text.trim();
        if text.len() > MODE_LIMIT {
            let message = format!(
                "`mode` must have at most {MODE_LIMIT} bytes, not {}.",
                text.len()
            );
            return Err(ApiError::invalid_parameter("mode", message));
        }
        let name = text.to_lowercase().replace(['-', ' '], "_");
        Ok(match name.as_str() {
            "" => return Err(ApiError::missing_parameter("mode")),
            "false" | "no" | "off" | "0" => {
                let message =
                    "`mode` must be true, general, sales_coaching, collections or a prompt.";
                return Err(ApiError::invalid_parameter("mode", message));
            }
            "true" | "yes" | "on" | "1" | "general" => Mode::General,
            "sales_coaching" => Mode::SalesCoaching,
            "collections" => Mode::Collections,
            _ => Mode::Custom(text.to_owned()),
        })
    }
}

/// Analyse a call
///
/// A language model judges, and every quote it gives is looked up in the transcript. Without one the
/// presets are computed from tags, times and patterns of words (`"method":"rules"`); a prompt of your
/// own then gets 424.
#[utoipa::path(post, path = "/analyze", tag = "Analysis", request_body = AnalyzeRequest,
    responses((status = 200, body = AnalyzeAnswer), Failures))]
async fn analyze(
    State(state): State<AppState>,
    _place: Place,
    JsonUpTo(request): JsonUpTo<AnalyzeRequest, BODY_LIMIT>,
) -> ApiResult<Json<AnalyzeAnswer>> {
    let mode = Mode::read(&request.mode)?;
    let read = move || {
        let AnalyzeRequest {
            segments,
            transcript,
            language,
            ..
        } = request;
        Call::read(segments, transcript, language.as_deref(), "transcript")
    };
    let call = Arc::new(on_a_thread(read).await?);
    let answer = async {
        match mode {
            Mode::General => preset::<Overview>(&state, &call).await,
            Mode::SalesCoaching => preset::<Coaching>(&state, &call).await,
            Mode::Collections => preset::<Compliance>(&state, &call).await,
            Mode::Custom(task) => own(&state, &task, &call).await,
        }
    };
    within(&state, answer).await.map(Json)
}

/// One of ours: by a model where a capable one is set up, else by rules.
async fn preset<P: Preset>(state: &AppState, call: &Arc<Call>) -> ApiResult<AnalyzeAnswer> {
    let began = Instant::now();
    let answer = match state.llm.first() {
        Some(first) if capable(first) => match by_model::<P>(state, call).await {
            Err(Trouble::Incapable) => by_rules::<P>(call).await,
            answer => answer.map_err(refused),
        },
        Some(_) => by_rules_worded::<P>(state, call).await,
        None => by_rules::<P>(call).await,
    };
    let method = answer.as_ref().ok().map(|answer| match answer.method {
        Method::Llm => "llm",
        Method::Rules => "rules",
    });
    let segments = call.segments.len();
    // Never the words themselves.
    tracing::info!(
        preset = P::NAME,
        method,
        segments,
        ms = began.elapsed().as_millis() as u64,
        "analysed"
    );
    metrics::counter!("agent_analyses_total", "preset" => P::NAME, "method" => method.unwrap_or("failed")).increment(1);
    answer
}

async fn by_model<P: Preset>(state: &AppState, call: &Arc<Call>) -> Result<AnalyzeAnswer, Trouble> {
    let asking = asking(state);
    let material = asking.material(call, P::PROMPT).await?;
    let schema = serde_json::from_str(P::SCHEMA).expect("schemas compiled in are read by a test");
    let prompt = format!(
        "{}\n{}\n{}",
        P::PROMPT,
        P::extra(call, material.parts),
        written_in(call)
    );
    let (draft, answer) = asking
        .json(P::NAME, &prompt, &material, schema, P::check)
        .await?;
    let finished = call.clone();
    let Judged {
        summary,
        analysis,
        mut warnings,
    } = on_a_thread(move || P::finish(draft, &finished)).await;
    if material.parts > 1 {
        warnings.push(format!("The call was read in {} parts.", material.parts));
    }
    Ok(AnalyzeAnswer {
        summary: Some(summary),
        analysis: serde_json::to_value(analysis).ok(),
        method: Method::Llm,
        provider: Some(answer.provider.as_str().to_owned()),
        model: Some(answer.model),
        warnings,
    })
}

async fn by_rules<P: Preset>(call: &Arc<Call>) -> ApiResult<AnalyzeAnswer> {
    let call = call.clone();
    let Judged {
        summary,
        analysis,
        mut warnings,
    } = on_a_thread(move || P::by_rules(&call)).await;
    warnings.push(NO_MODEL.into());
    Ok(AnalyzeAnswer {
        summary: Some(summary),
        analysis: Some(serde_json::to_value(analysis).map_err(ApiError::internal)?),
        method: Method::Rules,
        provider: None,
        model: None,
        warnings,
    })
}

/// By rules; the small model only words what the call was about, before their summary.
async fn by_rules_worded<P: Preset>(
    state: &AppState,
    call: &Arc<Call>,
) -> ApiResult<AnalyzeAnswer> {
    let mut answer = by_rules::<P>(call).await?;
    // Half of the time that there is: the judgement must not be lost to its wording.
    let patience = Duration::from_secs(state.config.analysis.analysis_seconds) / 2;
    if let Some(worded) = wording::worded(state, call, patience).await {
        let judged = answer.summary.take().unwrap_or_default();
        answer.summary = Some(format!("{}\n\n{judged}", worded.text));
        answer.provider = Some(worded.provider.to_owned());
        answer.model = Some(worded.model);
        answer.warnings.push(WORDED.into());
    }
    Ok(answer)
}

/// A prompt of the client's own needs a model.
async fn own(state: &AppState, task: &str, call: &Arc<Call>) -> ApiResult<AnalyzeAnswer> {
    let answer = match state.llm.first() {
        Some(first) if !capable(first) => Err(Trouble::Incapable),
        _ => custom::answer(&asking(state), task, call).await,
    };
    let outcome = if answer.is_ok() { "llm" } else { "failed" };
    metrics::counter!("agent_analyses_total", "preset" => "custom", "method" => outcome)
        .increment(1);
    answer.map_err(refused)
}

/// The models and how much they take.
fn asking(state: &AppState) -> Asking<'_> {
    let context = state.config.analysis.analysis_context_tokens;
    Asking::new(&state.llm, context.map(|tokens| tokens as usize))
}

/// In which language a model writes.
fn written_in(call: &Call) -> String {
    match &call.language {
        Some(code) => {
            format!("Write in the language with the code `{code}`; quotes stay as they are.")
        }
        None => "Write in the language of the transcript.".into(),
    }
}

/// Work with the deadline of analyses.
async fn within<T>(state: &AppState, work: impl Future<Output = ApiResult<T>>) -> ApiResult<T> {
    let seconds = state.config.analysis.analysis_seconds;
    let finished = tokio::time::timeout(Duration::from_secs(seconds), work).await;
    finished.unwrap_or_else(|_| {
        let message = format!("The language model did not finish within {seconds} seconds.");
        Err(ApiError::new(ErrorCode::UpstreamFailed, message))
    })
}

fn refused(trouble: Trouble) -> ApiError {
    match trouble {
        Trouble::Llm(error) => failure::of(error),
        Trouble::Incapable => failure::of(LlmError::NotConfigured(
            "a prompt of your own takes a capable one; set ANTHROPIC_API_KEY, GEMINI_API_KEY, or LLM_BASE_URL and LLM_MODEL".into(),
        )),
        trouble @ Trouble::TooLong(_) => {
            let message = format!("{trouble}; ANALYSIS_CONTEXT_TOKENS says how much the model takes.");
            ApiError::new(ErrorCode::BodyTooLarge, message).with_param("segments")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_presets_or_prompts() {
        assert_eq!(Mode::read(" True ").expect("general"), Mode::General);
        assert_eq!(
            Mode::read("Sales-Coaching").expect("a preset"),
            Mode::SalesCoaching
        );
        assert_eq!(
            Mode::read("Rate it").expect("a prompt"),
            Mode::Custom("Rate it".into())
        );
        assert_eq!(
            Mode::read("off").expect_err("no").param.as_deref(),
            Some("mode")
        );
        assert!(Mode::read(&"x".repeat(MODE_LIMIT + 1)).is_err());
    }

    #[test]
    fn schemas_are_json_and_name_the_labels() {
        for schema in [Overview::SCHEMA, Coaching::SCHEMA, Compliance::SCHEMA] {
            let schema: serde_json::Value = serde_json::from_str(schema).expect("JSON");
            assert_eq!(schema["type"], "object");
        }
        assert!(
            rules::labels()
                .behaviors
                .iter()
                .all(|label| Coaching::SCHEMA.contains(label.as_str()))
        );
    }
}
