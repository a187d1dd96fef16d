//! `summarize=`: the finished transcript goes to the agent, its analysis into the answer.
//!
//! Whatever goes wrong with it is said in `analysis_error`; the transcript is never lost to it.

use crate::config::Config;
use crate::state::AppState;
use api::analysis::{AnalysisError, AnalyzeAnswer};
use api::recognition::Transcript;
use api::{ErrorCode, ErrorEnvelope};
use axum::body::Body;
use http::{HeaderValue, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::{Value, json};
use service::{INTERNAL_SECRET, Secret};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tracing::Instrument;

/// An agent that does not accept within this is down.
const CONNECT: Duration = Duration::from_millis(600);
/// What the agent gets beyond its own deadline, so that its reason arrives.
const BEYOND: Duration = Duration::from_secs(5);
/// Shorter than the agent's own idle timeout, so that no request meets a closing connection.
const IDLE: Duration = Duration::from_secs(15);
/// Largest analysis in bytes.
const LARGEST: usize = 16 * 1024 * 1024;

/// The agent, and how long it may take.
#[derive(Debug)]
pub struct Analyst {
    url: Uri,
    client: Client<HttpConnector, Body>,
    secret: OnceLock<Option<Secret>>,
    deadline: Duration,
}

impl Analyst {
    /// Asks nobody yet.
    pub fn new(config: &Config) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_nodelay(true);
        Analyst {
            url: config.agent_url.clone(),
            client: Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(IDLE)
                .build(connector),
            secret: OnceLock::new(),
            deadline: Duration::from_secs(config.analysis_seconds) + BEYOND,
        }
    }

    async fn ask(&self, config: &Config, body: Vec<u8>) -> Result<AnalyzeAnswer, AnalysisError> {
        let mut request =
            Request::post(address(&self.url)).header(header::CONTENT_TYPE, "application/json");
        // Made at the first use: a service that never asks the agent needs none.
        let secret = self
            .secret
            .get_or_init(|| config.common.internal_secret().ok());
        if let Some(secret) = secret
            && let Ok(value) = HeaderValue::from_str(secret.expose())
        {
            request = request.header(INTERNAL_SECRET, value);
        }
        let id = service::request_id::current();
        let request = request
            .header("x-request-id", id.as_str())
            .body(Body::from(body));
        let mut request = request.map_err(|_| failed("`AGENT_URL` is not an address."))?;
        let method = request.method().clone();
        let trace = service::trace::client("agent", &method, request.headers_mut());
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| {
                tracing::warn!(%error, "the agent does not answer");
                error_of(ErrorCode::UpstreamUnavailable, "The agent does not answer.")
            })?;
            let status = response.status();
            let body = Limited::new(response.into_body(), LARGEST).collect().await;
            let body = body.map_err(|_| failed("The agent broke off its answer."))?;
            read(status, &body.to_bytes())
        };
        let within = tokio::time::timeout(self.deadline, exchange.instrument(trace)).await;
        within.unwrap_or_else(|_| Err(failed("The agent did not answer in time.")))
    }
}

/// Adds what was asked for to a transcript.
pub async fn add(state: &AppState, mode: &str, transcript: &mut Transcript) {
    let began = Instant::now();
    let answer = match transcript.segments.is_empty() {
        true => Err(error_of(
            ErrorCode::EmptyText,
            "There are no words to analyse: nobody spoke.",
        )),
        false => match body(mode, transcript) {
            Ok(body) => state.analyst.ask(&state.config, body).await,
            Err(error) => Err(error),
        },
    };
    match answer {
        Ok(answer) => {
            transcript.summary = answer.summary;
            transcript.analysis = answer.analysis;
            transcript.warnings.extend(answer.warnings);
        }
        Err(error) => {
            tracing::info!(
                code = error.code.as_str(),
                "a transcript goes without its analysis"
            );
            transcript.analysis_error = Some(error);
        }
    }
    let milliseconds = (began.elapsed().as_secs_f64() * 100_000.0).round() / 100.0;
    transcript.timings.analysis = Some(milliseconds);
    transcript.timings.total += milliseconds;
    transcript.inference_time = format!("{:.3}s", transcript.timings.total / 1000.0);
}

/// The segments with everything that is known of them but their words' times.
fn body(mode: &str, transcript: &Transcript) -> Result<Vec<u8>, AnalysisError> {
    let segments = serde_json::to_value(&transcript.segments);
    let mut segments = segments.map_err(|_| failed("The transcript cannot be sent."))?;
    for segment in segments.as_array_mut().into_iter().flatten() {
        if let Value::Object(segment) = segment {
            segment.remove("words");
            segment.remove("metadata_probs");
        }
    }
    let body = json!({"mode": mode, "language": transcript.language, "segments": segments});
    Ok(body.to_string().into_bytes())
}

/// The agent's answer, or its error.
fn read(status: StatusCode, body: &[u8]) -> Result<AnalyzeAnswer, AnalysisError> {
    if status.is_success() {
        return serde_json::from_slice(body)
            .map_err(|_| failed("The agent's answer cannot be read."));
    }
    let envelope: Result<ErrorEnvelope, _> = serde_json::from_slice(body);
    Err(match envelope {
        Ok(ErrorEnvelope { error }) => error_of(error.code, &error.message),
        Err(_) => failed(&format!(
            "The agent answered with status {}.",
            status.as_u16()
        )),
    })
}

/// `{AGENT_URL}/analyze`.
fn address(url: &Uri) -> String {
    format!("{}/analyze", url.to_string().trim_end_matches('/'))
}

fn failed(message: &str) -> AnalysisError {
    error_of(ErrorCode::UpstreamFailed, message)
}

fn error_of(code: ErrorCode, message: &str) -> AnalysisError {
    AnalysisError {
        code,
        message: message.to_owned(),
    }
}

/// For `AGENT_URL`: plain HTTP, as the services speak among each other.
pub fn parse_url(text: &str) -> Result<Uri, String> {
    let uri: Uri = text
        .trim()
        .parse()
        .map_err(|_| "is not an address".to_owned())?;
    match (uri.scheme_str(), uri.host()) {
        (Some("http"), Some(_)) => Ok(uri),
        _ => Err("must look like http://host:port".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_plain_http_with_a_host() {
        assert_eq!(
            address(&parse_url("http://a:1/x/").expect("an address")),
            "http://a:1/x/analyze"
        );
        assert!(parse_url("https://a").is_err() && parse_url("a:1").is_err());
    }

    #[test]
    fn an_answer_that_is_no_answer_is_an_error() {
        let code = |status: u16, body: &[u8]| {
            read(StatusCode::from_u16(status).expect("a status"), body)
                .expect_err("no")
                .code
        };
        assert_eq!(code(200, b"<html>"), ErrorCode::UpstreamFailed);
        assert_eq!(code(502, b""), ErrorCode::UpstreamFailed);
        // What the agent says is passed on as it is.
        for given in [ErrorCode::InvalidParameter, ErrorCode::NotConfigured] {
            let envelope = ErrorEnvelope::new(given, "m", "r");
            let envelope = serde_json::to_vec(&envelope).expect("JSON");
            assert_eq!(code(given.status(), &envelope), given);
        }
    }
}
