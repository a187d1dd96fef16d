//! The OpenAPI document and the errors endpoints can give.

use api::ErrorEnvelope;
use utoipa::{IntoResponses, OpenApi};

/// What the document says about the service as a whole.
#[derive(OpenApi)]
#[openapi(
    info(title = "Whissle Gateway: agent", description = "Answers, commands, summaries and analyses. Every error is the same envelope; `code` says which."),
    tags(
        (name = "Conversation", description = "Words in, words out"),
        (name = "Analysis", description = "What a call was about"),
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
    /// `body_too_large`
    #[response(status = 413)]
    TooLarge(ErrorEnvelope),
    /// `unsupported_media_type`: not `application/json`
    #[response(status = 415)]
    Unsupported(ErrorEnvelope),
    /// `invalid_parameter`, `missing_parameter`; `param` names the field
    #[response(status = 422)]
    Invalid(ErrorEnvelope),
    /// `upstream_failed`: the language model did not answer, the message says why; `not_configured`: there is none, the message says what to set
    #[response(status = 424)]
    Model(ErrorEnvelope),
    /// `internal_error`: a defect of ours
    #[response(status = 500)]
    Internal(ErrorEnvelope),
    /// `overloaded`, `not_ready`: come back after `Retry-After`
    #[response(status = 503)]
    Overloaded(ErrorEnvelope),
}
