//! Which browser applications may call (`FRONTEND_URL`).

use http::{HeaderName, HeaderValue, Method, header};
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser keeps the answer to its question.
const MAX_AGE: Duration = Duration::from_secs(600);

/// Lets these origins call with cookies and read what our answers say about limits.
pub fn layer(origins: &[HeaderValue]) -> CorsLayer {
    let exposed = [
        "x-request-id",
        "retry-after",
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
    ];
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("x-device-id"),
        ])
        .expose_headers(exposed.map(HeaderName::from_static))
        .allow_credentials(true)
        .max_age(MAX_AGE)
}
