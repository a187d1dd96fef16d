//! `POST /v1/audio/speech`: what OpenAI's clients send, so that they work with another base address.

use crate::fields::Fields;
use crate::openapi::Failures;
use crate::state::AppState;
use crate::synthesize::{Wish, answer};
use crate::texts;
use api::synthesis::OpenAiSpeechRequest;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};
use service::{ApiError, ApiResult, Json};

/// Speak a text, as OpenAI's clients ask for it
///
/// `response_format` is `mp3` unless it says otherwise; `X-Warnings` names the voice of ours that
/// speaks for one of OpenAI's. `stream_format` of server-sent events is not offered.
#[utoipa::path(post, path = "/v1/audio/speech", tag = "Synthesis", request_body = OpenAiSpeechRequest,
    responses((status = 200, description = "The file, sent while it is made", content(
        (Vec<u8> = "audio/mpeg"), (Vec<u8> = "audio/ogg"), (Vec<u8> = "audio/flac"), (Vec<u8> = "audio/wav"),
        (Vec<u8> = "audio/pcm"))), Failures))]
pub async fn speech(
    State(state): State<AppState>,
    Json(mut body): Json<Map<String, Value>>,
) -> ApiResult<Response> {
    let text = texts::take("input", &mut body, state.config.max_tts_characters)?;
    let instruct = texts::take_short("instructions", &mut body)?;
    let mut warnings = Vec::new();
    if let Some(model) = body.remove("model").filter(|model| *model != "kokoro") {
        let model: String = model.as_str().unwrap_or("?").chars().take(64).collect();
        warnings.push(format!("The model `{model}` is not ours: kokoro speaks."));
    }
    if body
        .remove("stream_format")
        .is_some_and(|format| format == "sse")
    {
        let message = "`stream_format` can only be audio.";
        return Err(ApiError::invalid_parameter("stream_format", message));
    }
    let format = body.remove("response_format");
    body.insert("format".into(), format.unwrap_or_else(|| "mp3".into()));
    let mut fields = Fields::default();
    warnings.extend(fields.merge(body)?);
    let wish = Wish {
        text,
        instruct,
        fields,
        warnings,
    };
    answer(&state, wish).await
}
