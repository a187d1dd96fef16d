//! The one error envelope and the list of codes every service answers with.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `{"error": {...}}`: the body of every response with status 400 or above.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorEnvelope {
    /// What went wrong.
    pub error: ErrorBody,
}

/// What went wrong, for a program (`type`, `code`, `param`) and for a person (`message`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// The family of the error; follows from the code.
    pub r#type: ErrorType,
    /// Stable, documented in `docs/errors.md`.
    pub code: ErrorCode,
    /// What was wrong with which input, and what would be right.
    pub message: String,
    /// The parameter at fault, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub param: Option<String>,
    /// Equal to the `X-Request-Id` header of the response.
    pub request_id: String,
}

/// Families of errors, as OpenAI's API names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorType {
    /// The request must change before it can succeed.
    InvalidRequestError,
    /// No token, or one that is not known.
    AuthenticationError,
    /// A known caller who may not do this.
    PermissionError,
    /// Too many requests; wait and retry.
    RateLimitError,
    /// Something behind this service failed.
    UpstreamError,
    /// The service cannot take this now; wait and retry.
    OverloadedError,
    /// A defect of ours.
    ServerError,
}

/// Declares [`ErrorCode`] together with its status, family and documentation, so that the
/// enum, the responses and `docs/errors.md` have one source.
macro_rules! error_codes {
    ($($name:ident = $status:literal $family:ident, $doc:literal;)*) => {
        /// Every code an error can carry.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorCode {
            $(#[doc = $doc] $name,)*
        }

        impl ErrorCode {
            /// All codes, in the order of the documentation.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$name),*];

            /// The HTTP status that carries this code.
            pub const fn status(self) -> u16 {
                match self { $(ErrorCode::$name => $status),* }
            }

            /// The family of this code.
            pub const fn family(self) -> ErrorType {
                match self { $(ErrorCode::$name => ErrorType::$family),* }
            }

            /// One sentence for `docs/errors.md`.
            pub const fn meaning(self) -> &'static str {
                match self { $(ErrorCode::$name => $doc),* }
            }
        }
    };
}

error_codes! {
    MalformedRequest = 400 InvalidRequestError, "The request line, headers or query could not be read.";
    MalformedJson = 400 InvalidRequestError, "The body is not JSON; JSON with a wrong or missing value is 422.";
    MalformedMultipart = 400 InvalidRequestError, "The multipart body is broken or ends too early.";
    UnexpectedMessage = 400 InvalidRequestError, "A WebSocket message that is not known or may not come here, such as a second configuration.";
    MissingToken = 401 AuthenticationError, "No API token was sent.";
    InvalidToken = 401 AuthenticationError, "The API token is unknown or revoked, or the header is not `Bearer`.";
    MissingSession = 401 AuthenticationError, "Nobody is signed in: the `access_token` cookie is missing.";
    InvalidSession = 401 AuthenticationError, "The `access_token` or `refresh_token` cookie is expired, revoked or not ours; refresh it or sign in again.";
    InvalidCredentials = 401 AuthenticationError, "The e-mail address or the password is wrong.";
    AdminRequired = 403 PermissionError, "Only the admin token may do this.";
    Forbidden = 403 PermissionError, "The caller may not do this.";
    RoleRequired = 403 PermissionError, "The caller's role in the organization does not allow this; the message names the role that does.";
    AccountRequired = 403 PermissionError, "A guest may not do this; sign up first, what the guest made is kept.";
    OrganizationRequired = 403 PermissionError, "No organization is active; create one or switch to one.";
    OriginNotAllowed = 403 PermissionError, "The `Origin` is not one of `FRONTEND_URL`.";
    InvalidSignature = 403 PermissionError, "The request is not signed by who it claims to be from.";
    NotFound = 404 InvalidRequestError, "There is nothing at this address.";
    MethodNotAllowed = 405 InvalidRequestError, "The address exists, the method does not; see the `Allow` header.";
    RequestTimeout = 408 InvalidRequestError, "The request body did not arrive in time.";
    IdleTimeout = 408 InvalidRequestError, "No WebSocket message came for `STREAM_IDLE_SECONDS` (recognition) or `TTS_IDLE_SECONDS` (synthesis).";
    Conflict = 409 InvalidRequestError, "The request contradicts what is stored.";
    EmailTaken = 409 InvalidRequestError, "There is an account with this e-mail address already.";
    SlugTaken = 409 InvalidRequestError, "Another organization has this slug.";
    PhoneNumberTaken = 409 InvalidRequestError, "Another agent, or another customer of the organization, has this telephone number.";
    LastOwner = 409 InvalidRequestError, "The last owner of an organization cannot leave it or be demoted.";
    BodyTooLarge = 413 InvalidRequestError, "The body is larger than the limit the message names.";
    AudioTooLong = 413 InvalidRequestError, "The audio is longer than `MAX_AUDIO_SECONDS`.";
    TextTooLong = 413 InvalidRequestError, "The text has more than `MAX_TTS_CHARACTERS` characters; send it in parts.";
    UnsupportedAudio = 415 InvalidRequestError, "The bytes are not audio in a container or codec we read.";
    UnsupportedMediaType = 415 InvalidRequestError, "The `Content-Type` is not one this endpoint takes, or the body is compressed.";
    RangeNotSatisfiable = 416 InvalidRequestError, "The `Range` lies outside the recording; `Content-Range` says how long it is.";
    InvalidParameter = 422 InvalidRequestError, "A parameter has a value that is not allowed; `param` names it.";
    MissingParameter = 422 InvalidRequestError, "A required parameter is missing; `param` names it.";
    EmptyAudio = 422 InvalidRequestError, "The file is empty or holds no audio samples.";
    CorruptAudio = 422 InvalidRequestError, "The container was recognised, but no sample could be decoded.";
    ModelNotLoaded = 422 InvalidRequestError, "The model is not loaded in this variant; the message lists those that are.";
    UnsupportedLanguage = 422 InvalidRequestError, "The language is not one the chosen model knows.";
    UnknownVoice = 422 InvalidRequestError, "There is no such voice; `GET /voices` lists those there are.";
    ExpiredToken = 422 InvalidRequestError, "The token from the e-mail is unknown, used or too old; ask for a new one.";
    WrongRecipient = 403 PermissionError, "The invitation is for another e-mail address than the one signed in with.";
    EmptyText = 422 InvalidRequestError, "The text is empty, or holds nothing that can be spoken.";
    UpstreamFailed = 424 UpstreamError, "A service outside the gateway, such as the LLM provider, failed.";
    NotConfigured = 424 UpstreamError, "What this needs is not set up; the message names the variables.";
    Backpressure = 429 RateLimitError, "A WebSocket message holds more than 30 seconds of audio; send a tenth of a second at a time.";
    QueueFull = 429 RateLimitError, "A WebSocket has too many texts waiting to be spoken; wait for a `done`.";
    RateLimited = 429 RateLimitError, "The token's requests, characters or WebSockets are used up, an address sent too many wrong tokens, or an account was tried too often; `Retry-After` says when to come back.";
    InternalError = 500 ServerError, "A defect of ours; the log has the details under the request id.";
    Overloaded = 503 OverloadedError, "The queue is full; `Retry-After` says when to come back.";
    NotReady = 503 OverloadedError, "The service is still starting or is shutting down.";
    DatabaseUnavailable = 503 OverloadedError, "PostgreSQL does not answer; `Retry-After` says when to come back.";
    UpstreamUnavailable = 503 UpstreamError, "The service behind the gateway does not answer.";
}

impl ErrorCode {
    /// The code as it appears on the wire.
    pub fn as_str(self) -> String {
        // A unit variant serializes to a JSON string; the fallback is unreachable.
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => String::new(),
        }
    }
}

impl ErrorEnvelope {
    /// An envelope whose family follows from the code.
    pub fn new(code: ErrorCode, message: impl Into<String>, request_id: impl Into<String>) -> Self {
        ErrorEnvelope {
            error: ErrorBody {
                r#type: code.family(),
                code,
                message: message.into(),
                param: None,
                request_id: request_id.into(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_an_error_status_and_a_name() {
        for code in ErrorCode::ALL {
            assert!((400..600).contains(&code.status()), "{code:?}");
            assert!(!code.as_str().is_empty());
        }
    }

    #[test]
    fn an_envelope_has_the_documented_shape() {
        let envelope = ErrorEnvelope::new(ErrorCode::UnsupportedAudio, "not audio", "req_1");
        assert_eq!(
            serde_json::to_value(envelope).unwrap(),
            serde_json::json!({"error": {
                "type": "invalid_request_error", "code": "unsupported_audio",
                "message": "not audio", "request_id": "req_1"
            }})
        );
    }
}
