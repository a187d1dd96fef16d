//! Which headers pass the gateway, and what it adds.

use crate::identity::Identity;
use axum::extract::Request;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use service::{INTERNAL_SECRET, INTERNAL_TOKEN_ID, INTERNAL_USER, Peer};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// For one connection only (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Removes what belongs to one connection, and what only we may say to a service.
pub fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
    let internal: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("x-internal-"))
        .cloned()
        .collect();
    for name in internal {
        headers.remove(name);
    }
}

/// The headers a service gets: the client's end-to-end ones, where it came from, who it is, and
/// the secret by which the service knows us. A caller with an API token is known by it, so the
/// token itself and cookies stay here.
pub fn for_upstream(
    request: &mut Request,
    host: &HeaderValue,
    secret: &HeaderValue,
    caller: Option<&Identity>,
) {
    let peer = request
        .extensions()
        .get::<Peer>()
        .map(|peer| peer.addr.ip());
    let headers = request.headers_mut();
    strip(headers);
    // We answer it ourselves.
    headers.remove(header::EXPECT);
    if let Some(peer) = peer {
        let before = headers
            .get(&FORWARDED_FOR)
            .and_then(|value| value.to_str().ok());
        let all = before.map_or_else(|| peer.to_string(), |before| format!("{before}, {peer}"));
        if let Ok(value) = HeaderValue::from_str(&all) {
            headers.insert(FORWARDED_FOR, value);
        }
    }
    // A proxy in front of us that ends TLS has set it already.
    headers
        .entry(FORWARDED_PROTO)
        .or_insert(HeaderValue::from_static("http"));
    if let Some(outside) = headers.insert(header::HOST, host.clone()) {
        headers.entry(FORWARDED_HOST).or_insert(outside);
    }
    headers.insert(INTERNAL_SECRET, secret.clone());
    if let Some(caller) = caller {
        headers.remove(header::AUTHORIZATION);
        headers.remove(header::COOKIE);
        headers.insert(INTERNAL_USER, caller.user_header.clone());
        headers.insert(INTERNAL_TOKEN_ID, caller.id_header.clone());
    }
}

/// Removes what only a WebSocket handshake between two neighbours needs; ours gets its own.
pub fn strip_handshake(headers: &mut HeaderMap) {
    for name in [
        header::SEC_WEBSOCKET_KEY,
        header::SEC_WEBSOCKET_VERSION,
        header::SEC_WEBSOCKET_PROTOCOL,
        header::SEC_WEBSOCKET_EXTENSIONS,
        header::CONTENT_LENGTH,
    ] {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn what_belongs_to_one_connection_does_not_pass() {
        let mut request = Request::builder()
            .header("connection", "close, X-Mine")
            .header("x-mine", "1")
            .header("te", "trailers")
            .header("X-Internal-Secret", "guess")
            .header("x-internal-anything", "1")
            .header("authorization", "Bearer wh_x")
            .header("host", "outside.example")
            .header("x-kept", "1")
            .body(Body::empty())
            .unwrap();
        request
            .extensions_mut()
            .insert(Peer::new(([192, 0, 2, 7], 1).into()));
        for_upstream(
            &mut request,
            &HeaderValue::from_static("asr:1"),
            &HeaderValue::from_static("s"),
            None,
        );
        let headers = request.headers();
        for gone in ["connection", "x-mine", "te", "x-internal-anything"] {
            assert!(!headers.contains_key(gone), "{gone}");
        }
        assert_eq!(headers["x-internal-secret"], "s");
        assert_eq!(headers["x-forwarded-for"], "192.0.2.7");
        assert_eq!(headers["x-forwarded-host"], "outside.example");
        assert_eq!(headers["host"], "asr:1");
        assert_eq!(headers["x-kept"], "1");
        assert_eq!(headers["authorization"], "Bearer wh_x");
    }
}
