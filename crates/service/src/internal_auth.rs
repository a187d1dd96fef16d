//! Services behind the gateway let in only those who know the internal secret.

use crate::caller::Caller;
use crate::config::CommonConfig;
use crate::error::ApiError;
use crate::secret::{Secret, SecretError};
use api::ErrorCode;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName};
use std::sync::Arc;

/// Carries the secret from the gateway to a service.
pub const INTERNAL_SECRET: HeaderName = HeaderName::from_static("x-internal-secret");
/// Carries the caller's user.
pub const INTERNAL_USER: HeaderName = HeaderName::from_static("x-internal-user");
/// Carries the id of the caller's token.
pub const INTERNAL_TOKEN_ID: HeaderName = HeaderName::from_static("x-internal-token-id");

/// Addresses that answer anyone, for orchestrators and load balancers.
const OPEN: [&str; 4] = ["/health", "/ready", "/version", "/metrics"];

/// Who may talk to a service directly.
#[derive(Debug, Clone)]
pub struct InternalAuth {
    secret: Option<Arc<Secret>>,
    /// On every address but loopback.
    required: bool,
}

impl InternalAuth {
    /// Reads or makes the secret. On loopback a folder that cannot be written is no obstacle:
    /// development needs no secret.
    pub fn from_config(config: &CommonConfig) -> Result<Self, SecretError> {
        let required = !config.bind_addr.is_loopback();
        match config.internal_secret() {
            Ok(secret) => Ok(InternalAuth::new(Some(secret), required)),
            Err(error @ SecretError::File { .. }) if !required => {
                tracing::info!(reason = %error, "no internal secret: loopback requests are let in without one");
                Ok(InternalAuth::new(None, false))
            }
            Err(error) => Err(error),
        }
    }

    /// For tests and embedding.
    pub fn new(secret: Option<Secret>, required: bool) -> Self {
        InternalAuth {
            secret: secret.map(Arc::new),
            required,
        }
    }

    /// The caller, or 401. Without a secret known to us nothing a client claims is believed.
    fn check(&self, headers: &HeaderMap) -> Result<Caller, ApiError> {
        let sent = headers.get(&INTERNAL_SECRET).map(|value| value.as_bytes());
        match (sent, &self.secret) {
            (Some(sent), Some(secret)) if secret.matches(sent) => {
                let text = |name| decoded(headers.get(name)?.as_bytes());
                Ok(Caller {
                    user: text(&INTERNAL_USER),
                    token_id: text(&INTERNAL_TOKEN_ID),
                    vouched: true,
                })
            }
            (Some(_), Some(_)) => Err(ApiError::new(
                ErrorCode::InvalidToken,
                "X-Internal-Secret is wrong: the services must share GATEWAY_INTERNAL_SECRET or AUTH_DB_PATH.",
            )),
            _ if self.required => Err(ApiError::new(
                ErrorCode::MissingToken,
                "This port needs X-Internal-Secret; call through the gateway with an API token instead.",
            )),
            _ => Ok(Caller::default()),
        }
    }
}

/// The gateway percent-encodes what is not visible ASCII.
fn decoded(value: &[u8]) -> Option<String> {
    percent_encoding::percent_decode(value)
        .decode_utf8()
        .ok()
        .map(Into::into)
}

/// Lets a request through with its [`Caller`], and takes the headers off it.
pub(crate) async fn check(
    State(auth): State<InternalAuth>,
    mut request: Request,
    next: Next,
) -> Response {
    let open = OPEN.contains(&request.uri().path());
    match auth.check(request.headers()) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
        }
        Err(_) if open => {}
        Err(error) => return error.into_response(),
    }
    for name in [INTERNAL_SECRET, INTERNAL_USER, INTERNAL_TOKEN_ID] {
        request.headers_mut().remove(name);
    }
    next.run(request).await
}
