//! Where a request comes from.

use axum::extract::FromRequestParts;
use http::request::Parts;
use service::{ApiError, Caller, Peer};
use std::net::IpAddr;

use crate::state::AppState;

/// The client, as far as it can be known: what the gateway saw, or the reverse proxies that
/// `TRUSTED_PROXIES` counts.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// Its address.
    pub ip: Option<IpAddr>,
    /// `User-Agent`, cut to 512 characters.
    pub user_agent: Option<String>,
    /// Whether it reached the gateway over TLS.
    pub https: bool,
    /// What the gateway took off the path: `/bot`, or nothing for direct requests.
    pub prefix: &'static str,
}

impl FromRequestParts<AppState> for Client {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let vouched = parts
            .extensions
            .get::<Caller>()
            .is_some_and(|caller| caller.vouched);
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.addr.ip());
        let header = |name: &str| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        // The gateway appends who it talks to; each proxy before it appended one more.
        let forwarded = header("x-forwarded-for")
            .filter(|_| vouched)
            .and_then(|list| {
                let hop = usize::from(state.config.trusted_proxies);
                let mut hops = list.rsplit(',').map(str::trim);
                hops.nth(hop)
                    .or_else(|| list.split(',').next().map(str::trim))?
                    .parse()
                    .ok()
            });
        let proto = header("x-forwarded-proto").filter(|_| vouched);
        Ok(Client {
            ip: forwarded.or(peer),
            user_agent: header("user-agent").map(|text| text.chars().take(512).collect()),
            https: proto == Some("https") || state.config.is_https(),
            prefix: if vouched { "/bot" } else { "" },
        })
    }
}
