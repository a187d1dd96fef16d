//! Request ids: taken from the client when sane, made otherwise, known to everything a request runs.

use http::{HeaderMap, HeaderName, HeaderValue};
use std::fmt;
use std::sync::Arc;

/// The header that carries the id both ways.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id taken from a client.
const MAX_LEN: usize = 128;

tokio::task_local! {
    static CURRENT: RequestId;
}

/// 1 to 128 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// A fresh id, `req_` and a time-ordered UUID, so that ids sort as the requests came.
    pub fn new() -> Self {
        RequestId(format!("req_{}", uuid::Uuid::now_v7().simple()).into())
    }

    /// The client's id if it is sane, else a fresh one.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        headers
            .get(&X_REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|id| is_sane(id))
            .map_or_else(RequestId::new, |id| RequestId(id.into()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as a header value.
    pub fn header_value(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("visible ASCII only, checked when it was made")
    }
}

impl Default for RequestId {
    fn default() -> Self {
        RequestId::new()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_sane(id: &str) -> bool {
    (1..=MAX_LEN).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The id of the request this task works for; a fresh one outside of any request.
pub fn current() -> RequestId {
    CURRENT.try_with(RequestId::clone).unwrap_or_default()
}

/// Runs a future on behalf of a request. Tasks spawned for it need this to keep the id.
pub async fn scope<F: Future>(id: RequestId, future: F) -> F::Output {
    CURRENT.scope(id, future).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(value: &str) -> RequestId {
        let mut headers = HeaderMap::new();
        headers.insert(
            X_REQUEST_ID,
            HeaderValue::from_bytes(value.as_bytes()).unwrap(),
        );
        RequestId::from_headers(&headers)
    }

    #[test]
    fn a_sane_id_is_kept() {
        assert_eq!(from("abc-1/2").as_str(), "abc-1/2");
    }

    #[test]
    fn an_empty_long_or_blank_id_is_replaced() {
        for bad in ["", "a b", &"x".repeat(129), "caf\u{e9}"] {
            assert!(from(bad).as_str().starts_with("req_"), "{bad:?}");
        }
    }

    #[tokio::test]
    async fn the_id_is_known_inside_its_scope() {
        let id = RequestId::new();
        assert_eq!(scope(id.clone(), async { current() }).await, id);
    }
}
