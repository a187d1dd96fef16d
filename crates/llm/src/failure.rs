//! What goes wrong with remote providers, in our terms.

use crate::error::LlmError;
use crate::settings::ProviderKind;
use std::time::Duration;

/// Characters of a provider's message that are kept.
const MESSAGE: usize = 300;

/// What went wrong, in our terms.
pub(crate) fn failure(kind: ProviderKind, error: genai::Error) -> LlmError {
    use genai::Error as E;
    match error {
        E::HttpError {
            status,
            body,
            headers,
            ..
        } => of_status(kind, status.as_u16(), &body, &headers),
        E::WebStream { error, cause, .. } => match error.downcast::<E>() {
            Ok(inner) => failure(kind, *inner),
            Err(error) => of_transport(kind, &*error, cause),
        },
        E::WebModelCall { webc_error, .. } | E::WebAdapterCall { webc_error, .. } => {
            let reason = "the request could not be sent".to_owned();
            let headers = webc_error.headers().cloned().unwrap_or_default();
            match webc_error.status() {
                Some(status) => of_status(kind, status.as_u16(), "", &headers),
                None => of_transport(kind, &webc_error, reason),
            }
        }
        // An error event in the middle of an answer.
        E::ChatResponse { body, .. } => of_event(kind, &body),
        E::StreamParse { .. } | E::InvalidJsonResponseElement { .. } => LlmError::Broken {
            provider: kind,
            reason: "it sent something that is not its protocol".into(),
        },
        error => LlmError::Rejected {
            provider: kind,
            status: 0,
            message: cut(&error.to_string()),
        },
    }
}

fn of_status(
    provider: ProviderKind,
    status: u16,
    body: &str,
    headers: &reqwest::header::HeaderMap,
) -> LlmError {
    let seconds = headers
        .get("retry-after")
        .and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
    let retry_after = seconds.map(Duration::from_secs);
    match status {
        401 | 403 => LlmError::BadKey(provider),
        // Gemini says 400 to a key it does not know.
        400 if body.contains("API_KEY_INVALID") => LlmError::BadKey(provider),
        429 => LlmError::RateLimited {
            provider,
            retry_after,
        },
        408 | 500..=599 => LlmError::Overloaded {
            provider,
            status,
            retry_after,
        },
        _ => LlmError::Rejected {
            provider,
            status,
            message: words(body),
        },
    }
}

/// `{"error": {"type": ..., "message": ...}}` in the stream, as Anthropic and OpenAI send it.
fn of_event(provider: ProviderKind, body: &serde_json::Value) -> LlmError {
    let error = body.get("error").unwrap_or(body);
    let text = |key: &str| {
        error
            .get(key)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
    };
    match (text("type"), text("status")) {
        ("overloaded_error", _) => LlmError::Overloaded {
            provider,
            status: 529,
            retry_after: None,
        },
        ("rate_limit_error", _) | (_, "RESOURCE_EXHAUSTED") => LlmError::RateLimited {
            provider,
            retry_after: None,
        },
        _ => LlmError::Broken {
            provider,
            reason: cut(text("message")),
        },
    }
}

fn of_transport(
    provider: ProviderKind,
    error: &(dyn std::error::Error + 'static),
    cause: String,
) -> LlmError {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    let http = causes.find_map(|error| error.downcast_ref::<reqwest::Error>());
    match http {
        Some(error) if error.is_connect() => LlmError::Unreachable(provider),
        Some(error) if error.is_timeout() => LlmError::Timeout {
            provider,
            what: "go on",
        },
        _ => LlmError::Broken {
            provider,
            reason: cut(&cause),
        },
    }
}

/// The message of an error body, which is JSON with everybody.
fn words(body: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let message = json
        .pointer("/error/message")
        .and_then(serde_json::Value::as_str);
    cut(message.unwrap_or(body))
}

fn cut(text: &str) -> String {
    text.chars().take(MESSAGE).collect()
}
