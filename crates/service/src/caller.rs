//! Who a request comes from, as the gateway tells the services behind it.

use axum::extract::FromRequestParts;
use http::request::Parts;
use std::convert::Infallible;

/// The caller the gateway vouches for; empty for direct requests in development.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// Whose token it was.
    pub user: Option<String>,
    /// Which token it was.
    pub token_id: Option<String>,
    /// Whether the gateway vouches for the request, and so for its `X-Forwarded-*` headers.
    pub vouched: bool,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    /// Set by the internal-auth layer, and only when the secret was right.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts
            .extensions
            .get::<Caller>()
            .cloned()
            .unwrap_or_default())
    }
}
