//! The one error of every handler, and the one place where it becomes a response.

use crate::request_id;
use api::{ErrorCode, ErrorEnvelope};
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Any error that can cross threads.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What handlers return.
pub type ApiResult<T> = Result<T, ApiError>;

/// An error on its way to a client.
///
/// The message is for the client; `source` is for the log and never leaves the process.
#[derive(Debug)]
pub struct ApiError {
    /// Decides the status and the family.
    pub code: ErrorCode,
    /// What was wrong with which input, and what would be right.
    pub message: String,
    /// The parameter at fault, where one is.
    pub param: Option<String>,
    /// When to come back; sent as `Retry-After` in whole seconds, rounded up.
    pub retry_after: Option<Duration>,
    /// What happened underneath; logged, never sent.
    pub source: Option<BoxError>,
    /// Further response headers, such as `Allow`.
    pub headers: Option<Box<HeaderMap>>,
}

impl ApiError {
    /// An error with a code and a message for the client.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        ApiError {
            code,
            message: message.into(),
            param: None,
            retry_after: None,
            source: None,
            headers: None,
        }
    }

    /// 422: `param` has a value that is not allowed; the message says which would be.
    pub fn invalid_parameter(param: impl Into<String>, message: impl Into<String>) -> Self {
        ApiError::new(ErrorCode::InvalidParameter, message).with_param(param)
    }

    /// 422: `param` is required and was not sent.
    pub fn missing_parameter(param: impl Into<String>) -> Self {
        let param = param.into();
        ApiError::new(
            ErrorCode::MissingParameter,
            format!("`{param}` is required."),
        )
        .with_param(param)
    }

    /// 404 with a message that names what was looked for.
    pub fn not_found(message: impl Into<String>) -> Self {
        ApiError::new(ErrorCode::NotFound, message)
    }

    /// 500: a defect of ours. The source is logged with its whole chain; the client learns nothing of it.
    pub fn internal(source: impl Into<BoxError>) -> Self {
        ApiError::new(
            ErrorCode::InternalError,
            "Something went wrong on our side; the log has the details under this request id.",
        )
        .with_source(source)
    }

    /// 503 with `Retry-After`: the queue is full.
    pub fn overloaded(retry_after: Duration) -> Self {
        ApiError::new(
            ErrorCode::Overloaded,
            "The server is busy; try again in a moment.",
        )
        .with_retry_after(retry_after)
    }

    /// 503: starting or shutting down.
    pub fn not_ready(message: impl Into<String>) -> Self {
        ApiError::new(ErrorCode::NotReady, message).with_retry_after(Duration::from_secs(5))
    }

    /// 413: the body is over `limit` bytes.
    pub fn body_too_large(limit: u64) -> Self {
        const MIB: u64 = 1024 * 1024;
        let limit = match limit {
            n if n >= MIB && n % MIB == 0 => format!("{} MiB", n / MIB),
            n => format!("{n} bytes"),
        };
        ApiError::new(
            ErrorCode::BodyTooLarge,
            format!("The body is larger than the limit of {limit}."),
        )
    }

    /// Names the parameter at fault.
    pub fn with_param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// Says when to come back.
    pub fn with_retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// Keeps the cause for the log.
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds a response header.
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.get_or_insert_default().insert(name, value);
        self
    }

    /// The status this error is sent with.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The envelope, with the id of the request being handled.
    pub fn envelope(&self) -> ErrorEnvelope {
        let mut envelope = ErrorEnvelope::new(
            self.code,
            self.message.as_str(),
            request_id::current().as_str(),
        );
        envelope.error.param.clone_from(&self.param);
        envelope
    }

    /// The text frame that precedes the close of a WebSocket: `{"type":"error","error":{...}}`.
    pub fn ws_frame(&self) -> String {
        self.log();
        serde_json::json!({ "type": "error", "error": self.envelope().error }).to_string()
    }

    /// Defects go to the log as errors with their whole chain, the rest only when asked for.
    pub fn log(&self) {
        let cause = self.source.as_deref().map(|source| chain(source));
        if self.code == ErrorCode::InternalError {
            tracing::error!(code = self.code.as_str(), cause, "internal error");
        } else if let Some(cause) = cause {
            tracing::debug!(code = self.code.as_str(), cause, "request failed");
        }
    }

    /// `Retry-After` in seconds: what was asked for, or a second for states that pass.
    fn retry_seconds(&self) -> Option<u64> {
        use ErrorCode::{
            DatabaseUnavailable, NotReady, Overloaded, RateLimited, UpstreamUnavailable,
        };
        let passes = matches!(
            self.code,
            Overloaded | NotReady | DatabaseUnavailable | UpstreamUnavailable | RateLimited
        );
        let after = self
            .retry_after
            .or(passes.then_some(Duration::from_secs(1)))?;
        Some(after.as_millis().div_ceil(1000).max(1) as u64)
    }
}

/// `outer: middle: root`.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |text, cause| {
        text + ": " + &cause.to_string()
    })
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl Error for ApiError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let mut response = (self.status(), Json(self.envelope())).into_response();
        // The access log names the code.
        response.extensions_mut().insert(self.code);
        if let Some(seconds) = self.retry_seconds() {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        for (name, value) in self.headers.into_iter().flat_map(|headers| *headers) {
            if let Some(name) = name {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_rounded_up_to_whole_seconds() {
        let error = ApiError::overloaded(Duration::from_millis(1200));
        assert_eq!(error.into_response().headers()[header::RETRY_AFTER], "2");
    }

    #[test]
    fn states_that_pass_always_say_when_to_come_back() {
        let error = ApiError::new(ErrorCode::UpstreamUnavailable, "down");
        assert_eq!(error.into_response().headers()[header::RETRY_AFTER], "1");
        assert!(
            !ApiError::not_found("x")
                .into_response()
                .headers()
                .contains_key(header::RETRY_AFTER)
        );
    }

    #[tokio::test]
    async fn an_internal_error_tells_the_client_nothing() {
        let response = ApiError::internal("password=hunter2").into_response();
        let body = axum::body::to_bytes(response.into_body(), 4096)
            .await
            .unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("hunter2"));
    }

    #[test]
    fn the_error_stays_small_enough_to_return_by_value() {
        assert!(size_of::<ApiError>() <= 128);
    }
}
