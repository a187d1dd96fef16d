//! Who is calling: finds the token in a request and the identity behind it.

use crate::config::{AuthMode, Config};
use crate::directory::Directory;
use crate::error::GatewayError;
use crate::identity::Identity;
use crate::limits::{Failures, Quota};
use crate::remote::Remote;
use crate::token::TokenHash;
use api::ErrorCode;
use axum::extract::Request;
use http::{HeaderMap, HeaderValue, header};
use service::{ApiError, Peer};
use std::net::IpAddr;
use std::sync::Arc;

/// The subprotocol that carries a token: `Sec-WebSocket-Protocol: token, wh_...`.
pub const TOKEN_PROTOCOL: &str = "token";

/// Where a token may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// `Authorization: Bearer` only.
    Header,
    /// Also `?token=` and `Sec-WebSocket-Protocol`, for WebSockets from browsers.
    WebSocket,
}

/// Knows tokens, from here or elsewhere.
#[derive(Debug)]
pub struct Auth {
    local: Option<Arc<Directory>>,
    remote: Option<Remote>,
    failures: Failures,
}

impl Auth {
    /// Sets up what `AUTH_MODE` asks for.
    pub fn new(config: &Config, directory: Arc<Directory>) -> Result<Self, GatewayError> {
        let quota = Quota {
            rpm: config.rate_limit_rpm,
            characters: config.rate_limit_characters,
            streams: config.rate_limit_streams,
        };
        let remote = || Remote::new(config.auth_remote_url.as_deref(), quota);
        let (local, remote) = match config.auth_mode {
            AuthMode::Local => (Some(directory), None),
            AuthMode::Remote => (None, Some(remote()?)),
            AuthMode::Hybrid => (Some(directory), Some(remote()?)),
        };
        Ok(Auth {
            local,
            remote,
            failures: Failures::new(config.auth_failures_rpm),
        })
    }

    /// The caller, or 401; 429 after too many wrong tokens from one address.
    pub async fn caller(
        &self,
        credentials: Result<Credentials, ApiError>,
    ) -> Result<Arc<Identity>, ApiError> {
        let Credentials { hash, addr } = credentials?;
        if let Some(identity) = hash.and_then(|hash| self.local.as_ref()?.find(&hash)) {
            return Ok(identity);
        }
        self.failures.check(addr)?;
        if let (Some(hash), Some(remote)) = (hash, &self.remote)
            && let Some(identity) = remote.find(hash).await?
        {
            return Ok(identity);
        }
        self.failures.count(addr);
        Err(unauthorized(
            ErrorCode::InvalidToken,
            "The API token is unknown or revoked.",
        ))
    }

    /// Watches a session's token where that takes asking elsewhere; pending otherwise.
    pub async fn keep_fresh(&self, identity: &Identity) {
        match &self.remote {
            Some(remote)
                if self
                    .local
                    .as_ref()
                    .is_none_or(|local| local.find(&identity.hash).is_none()) =>
            {
                remote.keep_fresh(identity).await;
            }
            _ => std::future::pending().await,
        }
    }
}

/// What a request says about its caller.
#[derive(Debug)]
pub struct Credentials {
    /// `None` when what was sent cannot be a token.
    hash: Option<TokenHash>,
    addr: Option<IpAddr>,
}

impl Credentials {
    /// Reads them from a request; 401 `missing_token` if there are none.
    pub fn of(request: &Request, places: Places) -> Result<Self, ApiError> {
        let Some(hash) = token(request, places)? else {
            let message = match places {
                Places::Header => "Send an API token: `Authorization: Bearer wh_...`.",
                Places::WebSocket => {
                    "Send an API token: `Authorization: Bearer wh_...` or `?token=wh_...`."
                }
            };
            return Err(unauthorized(ErrorCode::MissingToken, message));
        };
        let addr = request
            .extensions()
            .get::<Peer>()
            .map(|peer| peer.addr.ip());
        Ok(Credentials { hash, addr })
    }
}

fn unauthorized(code: ErrorCode, message: &str) -> ApiError {
    ApiError::new(code, message)
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

/// The token of a request: `None` when there is none, `Some(None)` when it cannot be one.
fn token(request: &Request, places: Places) -> Result<Option<Option<TokenHash>>, ApiError> {
    if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let text = value.to_str().unwrap_or_default();
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        if !scheme.eq_ignore_ascii_case("bearer") {
            let message = "The Authorization header must be `Bearer wh_...`.";
            return Err(unauthorized(ErrorCode::InvalidToken, message));
        }
        return Ok(Some(TokenHash::of(token.trim())));
    }
    if places == Places::Header {
        return Ok(None);
    }
    if let Some(token) = protocol_token(request.headers()) {
        return Ok(Some(TokenHash::of(token)));
    }
    let query = request.uri().query().unwrap_or_default();
    let found = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token");
    Ok(found.map(|(_, token)| TokenHash::of(&token)))
}

/// The second of `Sec-WebSocket-Protocol: token, wh_...`.
fn protocol_token(headers: &HeaderMap) -> Option<&str> {
    let values = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut offered = values.flat_map(|value| value.split(',')).map(str::trim);
    offered.find(|protocol| *protocol == TOKEN_PROTOCOL)?;
    offered.next()
}

/// A query without its `token`, which no upstream needs to see.
pub fn without_token(query: &str) -> Option<String> {
    let is_token = |pair: &&str| {
        form_urlencoded::parse(pair.as_bytes())
            .next()
            .is_some_and(|(name, _)| name == "token")
    };
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_token(pair)).collect();
    Some(kept.join("&")).filter(|query| !query.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn request(uri: &str, name: &str, value: &str) -> Request {
        Request::builder()
            .uri(uri)
            .header(name, value)
            .body(Body::empty())
            .unwrap()
    }

    fn found(request: &Request, places: Places) -> Option<Option<TokenHash>> {
        token(request, places).unwrap()
    }

    #[test]
    fn a_token_is_found_in_every_documented_place() {
        let hash = Some(TokenHash::of("wh_abc"));
        assert_eq!(
            found(
                &request("/", "authorization", "bearer wh_abc"),
                Places::Header
            ),
            hash
        );
        let protocol = request("/", "sec-websocket-protocol", "token, wh_abc");
        assert_eq!(found(&protocol, Places::WebSocket), hash);
        assert_eq!(
            found(&request("/?a=1&token=wh_abc", "x", "y"), Places::WebSocket),
            hash
        );
    }

    #[test]
    fn a_query_token_is_for_websockets_only() {
        assert_eq!(
            found(&request("/?token=wh_abc", "x", "y"), Places::Header),
            None
        );
        assert!(token(&request("/", "authorization", "Basic eDp5"), Places::Header).is_err());
    }

    #[test]
    fn the_token_is_taken_out_of_the_query_and_nothing_else() {
        assert_eq!(
            without_token("a=1&token=wh_x&b=%20").as_deref(),
            Some("a=1&b=%20")
        );
        assert_eq!(without_token("%74oken=wh_x"), None);
        assert_eq!(without_token("tokens=1").as_deref(), Some("tokens=1"));
    }
}
