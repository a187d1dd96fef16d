//! Requests that HTTP forbids, or that are packed in a way we do not unpack.

use crate::conn::Peer;
use crate::error::ApiError;
use api::ErrorCode;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Version, header};

/// Refuses them.
pub async fn check(request: Request, next: Next) -> Response {
    if let Some(error) = host(&request) {
        return error.into_response();
    }
    if let Some(error) = packed(&request) {
        if let Some(peer) = request.extensions().get::<Peer>() {
            peer.linger();
        }
        let mut response = error.into_response();
        let identity = HeaderValue::from_static("identity");
        response
            .headers_mut()
            .insert(header::ACCEPT_ENCODING, identity);
        return response;
    }
    next.run(request).await
}

/// HTTP/1.1 has one `Host` (RFC 9112, section 3.2); two could mean two places to two readers. Only
/// what came over a connection is held to it.
fn host(request: &Request) -> Option<ApiError> {
    let came = request.extensions().get::<Peer>().is_some();
    let hosts = request.headers().get_all(header::HOST).iter().count();
    let needed = request.version() == Version::HTTP_11;
    let wrong = came && (hosts > 1 || (needed && hosts == 0));
    wrong.then(|| {
        let message = "A request has one Host header, not none and not several.";
        ApiError::new(ErrorCode::MalformedRequest, message)
    })
}

/// A compressed body: a few kilobytes of it may stand for gigabytes.
fn packed(request: &Request) -> Option<ApiError> {
    let mut encodings = request.headers().get_all(header::CONTENT_ENCODING).iter();
    let packed = encodings.any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
    packed.then(|| {
        let message = "Bodies are taken uncompressed; leave Content-Encoding out.";
        ApiError::new(ErrorCode::UnsupportedMediaType, message)
    })
}
