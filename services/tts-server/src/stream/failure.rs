//! Why a WebSocket ends before its time, and the close code that says so.

use api::ErrorCode;
use service::ApiError;

/// Close codes (RFC 6455 section 7.4.1).
pub mod code {
    /// All is said.
    pub const DONE: u16 = 1000;
    /// A message that cannot be understood or may not come here.
    pub const BAD_MESSAGE: u16 = 1003;
    /// A message over the limit.
    pub const TOO_BIG: u16 = 1009;
    /// We cannot go on.
    pub const SERVER: u16 = 1011;
    /// Too busy, starting or stopping.
    pub const TRY_LATER: u16 = 1013;
}

/// An error that ends a stream.
#[derive(Debug)]
pub struct Failure {
    /// Sent with the close.
    pub code: u16,
    /// Sent before it.
    pub error: ApiError,
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let code = match error.code {
            ErrorCode::BodyTooLarge => code::TOO_BIG,
            ErrorCode::Overloaded | ErrorCode::NotReady => code::TRY_LATER,
            ErrorCode::IdleTimeout | ErrorCode::InternalError => code::SERVER,
            _ => code::BAD_MESSAGE,
        };
        Failure { code, error }
    }
}

/// A message that makes no sense here.
pub fn unexpected(message: impl Into<String>) -> Failure {
    ApiError::new(ErrorCode::UnexpectedMessage, message).into()
}

/// The client is gone, or does not read.
#[derive(Debug)]
pub struct Gone;

/// Why a session ends before everything is said.
#[derive(Debug)]
pub enum Broken {
    /// Nobody is there to be told.
    Gone,
    /// The client is to be told.
    Failed(Failure),
}

impl From<Gone> for Broken {
    fn from(Gone: Gone) -> Self {
        Broken::Gone
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Broken::Failed(failure)
    }
}

impl From<ApiError> for Broken {
    fn from(error: ApiError) -> Self {
        Broken::Failed(error.into())
    }
}
