//! What the engine refuses, in the words of the API.

use api::ErrorCode;
use service::ApiError;
use std::time::Duration;
use synthesis::SynthesisError;

/// When to come back while too many texts wait.
const LATER: Duration = Duration::from_secs(2);

/// The answer to an error of the engine.
pub fn of(error: SynthesisError) -> ApiError {
    let message = sentence(&error.to_string());
    match error {
        SynthesisError::Busy => ApiError::overloaded(LATER),
        SynthesisError::UnknownVoice { .. } => {
            ApiError::new(ErrorCode::UnknownVoice, message).with_param("voice")
        }
        SynthesisError::Mix(_) => ApiError::invalid_parameter("voice", message),
        SynthesisError::UnknownLanguage(_) => {
            ApiError::new(ErrorCode::UnsupportedLanguage, message).with_param("language")
        }
        SynthesisError::Pronunciation { .. } => {
            ApiError::invalid_parameter("pronunciations", message)
        }
        SynthesisError::NothingToSay => nothing_to_say(),
        SynthesisError::OutOfRange { name, .. } => ApiError::invalid_parameter(name, message),
        error => ApiError::internal(error),
    }
}

/// 422: there is no word in the text.
pub fn nothing_to_say() -> ApiError {
    ApiError::new(
        ErrorCode::EmptyText,
        "The text holds nothing that can be spoken; send words.",
    )
    .with_param("text")
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let mut sentence: String = first.chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}
