//! What a call was about, as the agent's `/summarize` words it. Without it a call lacks its
//! summary and nothing else.

use super::journal::Story;
use crate::outbound;
use crate::state::AppState;
use api::analysis::{SpokenSegment, SummarizeAnswer, SummarizeRequest};
use http::{HeaderMap, Method};
use serde_json::Value;
use service::INTERNAL_SECRET;
use std::time::Duration;
use tracing::Instrument;

/// Longest wait; small models on small machines take their time.
const PATIENCE: Duration = Duration::from_secs(120);
/// Before each further try.
const RETRIES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];
/// Most bytes of an answer.
const MAX_ANSWER: usize = 256 * 1024;
/// Most characters of a summary that are kept.
const LONGEST: usize = 8000;

/// Whether there is anything to sum up: the other side said something.
pub fn is_worth_it(said: &[Value]) -> bool {
    said.iter().any(|segment| segment["speaker"] == "customer")
}

/// Has a call summed up and writes that down; the call with its summary, or none.
pub async fn summarise(
    state: &AppState,
    call: &data_model::Call,
    story: &Story,
) -> Option<data_model::Call> {
    let request = SummarizeRequest {
        segments: Some(segments(&story.said)),
        language: language(&story.began.language),
        ..SummarizeRequest::default()
    };
    let mut retries = RETRIES.iter();
    let summary = loop {
        match ask(state, &request).await {
            Ok(summary) => break summary,
            Err(Trouble { why, is_passing }) => match retries.next().filter(|_| is_passing) {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => {
                    tracing::warn!(call = %call.id, why, "a call was not summarised");
                    return None;
                }
            },
        }
    };
    let summary: String = summary.trim().chars().filter(|c| *c != '\0').collect();
    let summary: String = summary.chars().take(LONGEST).collect();
    if summary.is_empty() {
        return None;
    }
    let tenant = state.database.tenant(story.began.organization);
    let written = tenant.summarize_call(call.id, &summary).await;
    written
        .inspect_err(|error| tracing::warn!(call = %call.id, %error, "a summary was not written"))
        .ok()
}

struct Trouble {
    why: String,
    is_passing: bool,
}

async fn ask(state: &AppState, request: &SummarizeRequest) -> Result<String, Trouble> {
    let passing = |why: String| Trouble {
        why,
        is_passing: true,
    };
    let url = state.config.live.agent_url.trim().trim_end_matches('/');
    let url = format!("{url}/summarize");
    let mut headers = HeaderMap::new();
    let trace = service::trace::client("agent", &Method::POST, &mut headers);
    let asking = state.live.http.post(url).headers(headers);
    let mut asking = asking.timeout(PATIENCE).json(request);
    if let Ok(secret) = state.config.common.internal_secret() {
        asking = asking.header(INTERNAL_SECRET, secret.expose());
    }
    let response = asking.send().instrument(trace).await;
    let response = response.map_err(|error| passing(error.without_url().to_string()))?;
    let status = response.status();
    let body = outbound::read(response, MAX_ANSWER).await;
    let body = body.map_err(|error| passing(error.to_string()))?;
    if !status.is_success() {
        return Err(Trouble {
            why: format!("the agent answered {status}"),
            is_passing: status.is_server_error(),
        });
    }
    let answer: SummarizeAnswer =
        serde_json::from_slice(&body).map_err(|error| passing(error.to_string()))?;
    Ok(answer.summary)
}

fn segments(said: &[Value]) -> Vec<SpokenSegment> {
    let segments = said.iter();
    let segments = segments.filter_map(|segment| serde_json::from_value(segment.clone()).ok());
    segments.collect()
}

/// ISO 639-1, where the agent has one language.
fn language(of_agent: &str) -> Option<String> {
    let code = of_agent.split(['-', '_']).next().unwrap_or_default();
    (code.len() == 2).then(|| code.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn segments_of_calls_are_what_the_agent_reads() {
        let said = [
            json!({"speaker": "agent", "text": "Hello.", "start": 0.1, "end": 0.9,
                   "interrupted": true, "latency": {"end_of_turn_ms": 3}}),
            json!({"speaker": "customer", "text": "Hi.", "start": 1.0, "end": 1.2,
                   "confidence": 0.9, "metadata": {"emotion": "EMOTION_HAPPY"}}),
        ];
        let read = segments(&said);
        assert_eq!((read.len(), read[1].text.as_str()), (2, "Hi."));
        assert!(is_worth_it(&said) && !is_worth_it(&said[..1]));
        assert_eq!(language("pt-BR").as_deref(), Some("pt"));
        assert_eq!(language("auto"), None);
    }
}
