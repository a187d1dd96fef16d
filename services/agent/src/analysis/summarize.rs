//! `POST /summarize`: any text or call in a few sentences.

use super::ask::{Asking, Trouble, capable};
use super::evidence::Words;
use super::fence::fence;
use super::place::{Place, on_a_thread};
use super::rules::extract;
use super::transcript::Call;
use super::wording::supported;
use super::{BODY_LIMIT, asking, refused, within, written_in};
use crate::openapi::Failures;
use crate::state::AppState;
use api::analysis::{Method, SummarizeAnswer, SummarizeRequest};
use axum::extract::State;
use llm::{Answer, Request};
use service::{ApiError, ApiResult, Json, JsonUpTo};
use std::sync::Arc;

const PROMPT: &str = include_str!("../../prompts/summarize.md");
/// Sentences, where the request does not say.
const SENTENCES: u8 = 5;
/// Sentences that a model of little context words, for each one it is to write.
const PICKED: usize = 3;

/// Summarise a text or a call
///
/// By the language model; without one, by picking the sentences that hold the most frequent words
/// (`"method":"rules"`).
#[utoipa::path(post, path = "/summarize", tag = "Analysis", request_body = SummarizeRequest,
    responses((status = 200, body = SummarizeAnswer), Failures))]
pub async fn summarize(
    State(state): State<AppState>,
    _place: Place,
    JsonUpTo(request): JsonUpTo<SummarizeRequest, BODY_LIMIT>,
) -> ApiResult<Json<SummarizeAnswer>> {
    let most = request.max_sentences.unwrap_or(SENTENCES);
    if !(1..=50).contains(&most) {
        let message = format!("`max_sentences` must be from 1 to 50, not {most}.");
        return Err(ApiError::invalid_parameter("max_sentences", message));
    }
    let read = move || {
        let SummarizeRequest {
            segments,
            text,
            language,
            ..
        } = request;
        Call::read(segments, text, language.as_deref(), "text")
    };
    let call = Arc::new(on_a_thread(read).await?);
    let summary = async {
        match state.llm.first() {
            None => Ok(extracted(&call, most).await),
            Some(first) if capable(first) => match by_model(&asking(&state), &call, most).await {
                Err(Trouble::Incapable) => Ok(extracted(&call, most).await),
                answer => answer.map(of).map_err(refused),
            },
            Some(_) => Ok(worded(&state, &call, most).await),
        }
    };
    within(&state, summary).await.map(Json)
}

/// By a model that has read all of it.
async fn by_model(asking: &Asking<'_>, call: &Call, most: u8) -> Result<Answer, Trouble> {
    let task = task(call, most);
    let material = asking.material(call, &task).await?;
    Ok(asking.words(PROMPT, &task, &material).await?.0)
}

fn task(call: &Call, most: u8) -> String {
    format!(
        "Summarise the data in at most {most} sentences. {}",
        written_in(call)
    )
}

fn of(answer: Answer) -> SummarizeAnswer {
    SummarizeAnswer {
        summary: answer.text.trim().to_owned(),
        method: Method::Llm,
        provider: Some(answer.provider.as_str().to_owned()),
        model: Some(answer.model),
        warnings: Vec::new(),
    }
}

/// The small model words sentences that were picked; when it fails, or says what they do not, they stand
/// as they are.
async fn worded(state: &AppState, call: &Arc<Call>, most: u8) -> SummarizeAnswer {
    let picked = picked(call, usize::from(most) * PICKED).await;
    let fenced = fence(&picked);
    let mut request = Request::user(format!("{}\n\n{}", task(call, most), fenced.text));
    request.system = Some(format!("{PROMPT}\n{}", fenced.instruction));
    match state.llm.complete(&request).await {
        Ok(mut answer) => {
            let (read, text) = (call.clone(), std::mem::take(&mut answer.text));
            let (kept, dropped) = on_a_thread(move || supported(&read, &text)).await;
            if kept.is_empty() {
                return extracted(call, most).await;
            }
            answer.text = kept;
            let mut summary = of(answer);
            if dropped > 0 {
                let warning = format!(
                    "{dropped} sentences of the small local model that the text does not support were left out."
                );
                summary.warnings.push(warning);
            }
            summary
        }
        Err(_) => extracted(call, most).await,
    }
}

/// The sentences that say most.
async fn extracted(call: &Arc<Call>, most: u8) -> SummarizeAnswer {
    SummarizeAnswer {
        summary: picked(call, usize::from(most)).await,
        method: Method::Rules,
        provider: None,
        model: None,
        warnings: vec![
            "Sentences picked by their words: no capable language model is set up.".into(),
        ],
    }
}

async fn picked(call: &Arc<Call>, most: usize) -> String {
    let call = call.clone();
    on_a_thread(move || {
        let picked = extract::sentences(&Words::of(&call), most);
        let texts: Vec<&str> = picked
            .into_iter()
            .map(|at| call.segments[at].text.as_str())
            .collect();
        texts.join(" ")
    })
    .await
}
