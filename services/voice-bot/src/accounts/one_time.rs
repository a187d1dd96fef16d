//! Tokens that travel in letters.

use api::ErrorCode;
use data_model::Error;
use service::{ApiError, ApiResult, Secret};
use sha2::{Digest, Sha256};

use crate::failure;

/// A token as its letter carries it, and as it is stored.
pub(super) struct OneTimeToken {
    /// 64 hexadecimal digits: 256 bits from the operating system.
    pub text: Secret,
    /// Its SHA-256.
    pub hash: [u8; 32],
}

impl OneTimeToken {
    /// A new one.
    pub fn new() -> std::io::Result<Self> {
        let text = Secret::random()?;
        let hash = Sha256::digest(text.expose()).into();
        Ok(OneTimeToken { text, hash })
    }
}

/// The SHA-256 of a token that came in. 422 `expired_token` when it cannot be one of ours.
pub(super) fn read(token: &str) -> ApiResult<[u8; 32]> {
    let ours = token.len() == 64 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
    ours.then(|| Sha256::digest(token).into())
        .ok_or_else(expired)
}

/// 422: the token does not work, or does no more.
pub(super) fn expired() -> ApiError {
    let message =
        "This link was used, or is too old, or another was sent since; ask for a new one.";
    ApiError::new(ErrorCode::ExpiredToken, message).with_param("token")
}

/// What the database says when it does not know a token.
pub(super) fn failed(error: Error) -> ApiError {
    match error {
        Error::NotFound => expired(),
        error => failure::of("account")(error),
    }
}
