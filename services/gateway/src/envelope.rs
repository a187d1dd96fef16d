//! Error answers of services: those with the envelope pass, others get one.

use crate::upstreams::Service;
use api::{ErrorCode, ErrorEnvelope};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use http_body_util::{BodyExt, Limited};
use service::ApiError;
use std::time::Duration;

/// Envelopes are far smaller; anything larger is not one.
const LIMIT: usize = 64 * 1024;
/// How long the body of an error may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// Gives an answer of 400 or above the envelope, unless it has it already.
pub async fn ensure(service: Service, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let whole = tokio::time::timeout(DEADLINE, Limited::new(body, LIMIT).collect()).await;
    if let Ok(Ok(whole)) = whole {
        let bytes = whole.to_bytes();
        // A service refuses our secret: a wrong set-up of ours, not the client's token.
        let about_us = parts.status == StatusCode::UNAUTHORIZED && service != Service::Bot;
        let known = serde_json::from_slice::<ErrorEnvelope>(&bytes);
        if let (Ok(known), false) = (known, about_us) {
            let mut response = Response::from_parts(parts, Body::from(bytes));
            response.extensions_mut().insert(known.error.code);
            return response;
        }
    }
    let mut response = of_status(service, parts.status).into_response();
    if let Some(allow) = parts.headers.get(header::ALLOW) {
        response.headers_mut().insert(header::ALLOW, allow.clone());
    }
    response
}

/// The error for a bare status of a service.
pub fn of_status(service: Service, status: StatusCode) -> ApiError {
    let name = service.name();
    let code = match status.as_u16() {
        // Its own secret is wrong or its address is not a service of ours: not the client's doing.
        401 | 407 => ErrorCode::UpstreamUnavailable,
        403 => ErrorCode::Forbidden,
        404 => ErrorCode::NotFound,
        405 => ErrorCode::MethodNotAllowed,
        408 => ErrorCode::RequestTimeout,
        409 => ErrorCode::Conflict,
        413 => ErrorCode::BodyTooLarge,
        415 => ErrorCode::UnsupportedMediaType,
        422 => ErrorCode::InvalidParameter,
        424 => ErrorCode::UpstreamFailed,
        429 => ErrorCode::RateLimited,
        400..500 => ErrorCode::MalformedRequest,
        502..=504 => ErrorCode::UpstreamUnavailable,
        _ => ErrorCode::InternalError,
    };
    ApiError::new(
        code,
        format!(
            "The {name} service answered with status {}.",
            status.as_u16()
        ),
    )
}
