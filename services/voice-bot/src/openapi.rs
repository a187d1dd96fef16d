//! The OpenAPI document and the errors endpoints can give.

use api::ErrorEnvelope;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::{IntoResponses, Modify, OpenApi};

/// What the document says about the service as a whole.
#[derive(OpenApi)]
#[openapi(
    info(title = "Whissle Gateway: voice calling", description = "People, organizations, agents, customers and calls. Every error is the same envelope; `code` says which."),
    modifiers(&Cookies),
    tags(
        (name = "Accounts", description = "Signing up, in and out"),
        (name = "Organizations", description = "Companies, their members and invitations"),
        (name = "Agents", description = "Who answers"),
        (name = "Customers", description = "Who calls"),
        (name = "Calls", description = "What was said"))
)]
pub struct Document;

/// The cookie that most endpoints ask for: `security(("session" = []))`.
struct Cookies;

impl Modify for Cookies {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme =
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(crate::cookies::ACCESS)));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("session", scheme);
    }
}

/// What any endpoint can answer. Codes are in `error.code`.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the macro only")]
pub enum Failures {
    /// `malformed_json`, `malformed_request`: the body or the path could not be read
    #[response(status = 400)]
    Malformed(ErrorEnvelope),
    /// `invalid_parameter`, `missing_parameter`; `param` names the field
    #[response(status = 422)]
    Invalid(ErrorEnvelope),
    /// `internal_error`: a defect of ours
    #[response(status = 500)]
    Internal(ErrorEnvelope),
    /// `database_unavailable`, `not_ready`, `overloaded`: come back after `Retry-After`
    #[response(status = 503)]
    Unavailable(ErrorEnvelope),
}

/// What endpoints for people who are signed in answer besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the macro only")]
pub enum SessionFailures {
    /// `missing_session`, `invalid_session`
    #[response(status = 401)]
    NotSignedIn(ErrorEnvelope),
    /// `organization_required`, `role_required`, `account_required`, `origin_not_allowed`
    #[response(status = 403)]
    NotAllowed(ErrorEnvelope),
}

/// What endpoints that take a JSON body answer besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the macro only")]
pub enum BodyFailures {
    /// `body_too_large`: more than 1 MiB
    #[response(status = 413)]
    TooLarge(ErrorEnvelope),
    /// `unsupported_media_type`: not `application/json`
    #[response(status = 415)]
    Unsupported(ErrorEnvelope),
}

/// What endpoints answer that change something for people who are not signed in.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the macro only")]
pub enum OriginFailures {
    /// `origin_not_allowed`; `forbidden` where it is switched off
    #[response(status = 403)]
    NotAllowed(ErrorEnvelope),
}

/// What endpoints answer that count how often they are tried.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the macro only")]
pub enum LimitFailures {
    /// `rate_limited`: come back after `Retry-After`
    #[response(status = 429)]
    TooOften(ErrorEnvelope),
}
