//! Multipart bodies whose every failure is an envelope.

use crate::error::ApiError;
use api::ErrorCode;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Request};

/// axum's multipart reader; `next_field` refuses with the envelope.
#[derive(Debug)]
pub struct Multipart(axum::extract::Multipart);

impl Multipart {
    /// The next part, or `None` after the last one. The part before must be read or dropped first.
    pub async fn next_field(&mut self) -> Result<Option<Field<'_>>, ApiError> {
        Ok(self.0.next_field().await?)
    }
}

impl<S: Send + Sync> FromRequest<S> for Multipart {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        axum::extract::Multipart::from_request(request, state).await.map(Multipart).map_err(|rejection| {
            let message = "The body must be `multipart/form-data` with a boundary, as `curl -F file=@call.mp3` sends it.";
            ApiError::new(ErrorCode::UnsupportedMediaType, message).with_source(rejection)
        })
    }
}

impl From<MultipartError> for ApiError {
    /// 413 and 408 when the body was over a limit, else 400 `malformed_multipart`.
    fn from(error: MultipartError) -> Self {
        let text = error.body_text();
        match crate::body::BodyError::find(&error) {
            Some(known) => known.into(),
            None => ApiError::new(
                ErrorCode::MalformedMultipart,
                format!("The multipart body is broken: {text}."),
            )
            .with_source(error),
        }
    }
}

/// A text part of at most `limit` bytes: 413 above, 422 when it is not UTF-8.
pub async fn read_text(field: &mut Field<'_>, limit: usize) -> Result<String, ApiError> {
    let name = field.name().unwrap_or_default().to_owned();
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await? {
        if bytes.len() + chunk.len() > limit {
            let message = format!("The field `{name}` is larger than {limit} bytes.");
            return Err(ApiError::new(ErrorCode::BodyTooLarge, message).with_param(name));
        }
        bytes.extend_from_slice(&chunk);
    }
    let message = format!("The field `{name}` must be UTF-8 text.");
    String::from_utf8(bytes).map_err(|_| ApiError::invalid_parameter(name, message))
}
