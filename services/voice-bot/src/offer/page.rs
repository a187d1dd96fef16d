//! `GET /api/call`: a page that calls an agent, to hear that all works and as an example of how a
//! page of one's own does it.

use crate::state::AppState;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header;
use sha2::{Digest, Sha256};

const PAGE: &str = include_str!("page.html");
const SCRIPT: &str = include_str!("page.js");

/// The page, which may run its own script and call here, and nothing else.
pub async fn call(State(state): State<AppState>) -> Response {
    let urls = state.config.offer.ice_servers.urls();
    let servers = serde_json::to_string(&urls).unwrap_or_else(|_| "[]".into());
    // `<` could end the script from within a string.
    let script = SCRIPT.replace("\"ICE_SERVERS\"", &servers.replace('<', "\\u003c"));
    let hash = STANDARD.encode(Sha256::digest(script.as_bytes()));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; \
         connect-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, "no-store".into()),
        (header::REFERRER_POLICY, "no-referrer".into()),
    ];
    (headers, Html(PAGE.replace("SCRIPT", &script))).into_response()
}
