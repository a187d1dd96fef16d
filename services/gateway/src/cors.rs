//! Which browser applications may call (`FRONTEND_URL`).

use crate::error::GatewayError;
use http::{HeaderName, HeaderValue, Method, Uri, header};
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser keeps the answer to its question.
const MAX_AGE: Duration = Duration::from_secs(600);

/// The origins of the configuration, each `http(s)://host[:port]`. No wildcard: browsers refuse
/// it together with cookies.
pub fn origins(urls: &[String]) -> Result<Vec<HeaderValue>, GatewayError> {
    let given = urls.iter().map(|url| url.trim().trim_end_matches('/'));
    given.filter(|url| !url.is_empty()).map(origin).collect()
}

fn origin(url: &str) -> Result<HeaderValue, GatewayError> {
    let uri: Option<Uri> = url.parse().ok();
    let plain = uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.path() == "/"
            && uri.query().is_none()
    });
    let value = HeaderValue::from_str(url).ok().filter(|_| plain);
    value.ok_or_else(|| {
        let message =
            format!("FRONTEND_URL must list origins like https://app.example.com, not `{url}`");
        GatewayError::Setting(message)
    })
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_are_taken() {
        let given = [
            "https://app.example.com/".to_owned(),
            " http://localhost:3000".to_owned(),
            String::new(),
        ];
        assert_eq!(
            origins(&given).unwrap(),
            ["https://app.example.com", "http://localhost:3000"]
        );
        for bad in ["*", "app.example.com", "https://a/b", "ftp://a"] {
            assert!(origins(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
