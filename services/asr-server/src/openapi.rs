//! The OpenAPI document and the errors every recognition endpoint can give.

use api::ErrorEnvelope;
use utoipa::{IntoResponses, OpenApi};

/// What the document says about the service as a whole.
#[derive(OpenApi)]
#[openapi(
    info(title = "Whissle Gateway: speech recognition", description = "Recordings to text, offline. Every error is the same envelope; `code` says which."),
    tags(
        (name = "Recognition", description = "Audio in, words out"),
        (name = "Models", description = "What can be asked for"),
        (name = "Operations", description = "How the service is"))
)]
pub struct Document;

/// Errors by status. Codes are in `error.code`.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the macro only")]
pub enum Failures {
    /// `malformed_multipart`, `malformed_request`: the body is broken or ended early
    #[response(status = 400)]
    Malformed(ErrorEnvelope),
    /// `request_timeout`: the body stalled
    #[response(status = 408)]
    Stalled(ErrorEnvelope),
    /// `body_too_large` (`MAX_UPLOAD_MB`) or `audio_too_long` (`MAX_AUDIO_SECONDS`)
    #[response(status = 413)]
    TooLarge(ErrorEnvelope),
    /// `unsupported_audio`: not audio we read; `unsupported_media_type`: not a multipart form
    #[response(status = 415)]
    Unsupported(ErrorEnvelope),
    /// `missing_parameter`, `invalid_parameter`, `empty_audio`, `corrupt_audio`,
    /// `model_not_loaded`, `unsupported_language`; `param` names the field
    #[response(status = 422)]
    Invalid(ErrorEnvelope),
    /// `internal_error`: a defect of ours
    #[response(status = 500)]
    Internal(ErrorEnvelope),
    /// `overloaded`, `not_ready`: come back after `Retry-After`
    #[response(status = 503)]
    Overloaded(ErrorEnvelope),
}
