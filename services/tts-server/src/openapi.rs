//! The OpenAPI document and the errors every synthesis endpoint can give.

use api::ErrorEnvelope;
use utoipa::{IntoResponses, OpenApi};

/// What the document says about the service as a whole.
#[derive(OpenApi)]
#[openapi(
    info(title = "Whissle Gateway: speech synthesis", description = "Texts to speech, offline. Every error is the same envelope; `code` says which."),
    tags(
        (name = "Synthesis", description = "Words in, sound out"),
        (name = "Operations", description = "How the service is"))
)]
pub struct Document;

/// Errors by status. Codes are in `error.code`.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the macro only")]
pub enum Failures {
    /// `malformed_json`, `malformed_request`: the body is broken or ended early
    #[response(status = 400)]
    Malformed(ErrorEnvelope),
    /// `text_too_long` (`MAX_TTS_CHARACTERS`), `body_too_large` (1 MiB)
    #[response(status = 413)]
    TooLarge(ErrorEnvelope),
    /// `unsupported_media_type`: not `application/json`
    #[response(status = 415)]
    Unsupported(ErrorEnvelope),
    /// `empty_text`, `unknown_voice`, `unsupported_language`, `missing_parameter`,
    /// `invalid_parameter`; `param` names the field
    #[response(status = 422)]
    Invalid(ErrorEnvelope),
    /// `internal_error`: a defect of ours
    #[response(status = 500)]
    Internal(ErrorEnvelope),
    /// `overloaded`, `not_ready`: come back after `Retry-After`
    #[response(status = 503)]
    Overloaded(ErrorEnvelope),
}
