//! What an attempt to sign in began with, kept in a signed cookie of the browser that made it: no
//! other browser can finish it (login CSRF, RFC 6749 section 10.12), and no server needs to remember it.

use crate::address::Client;
use crate::cookies;
use crate::keys::ISSUER;
use crate::state::AppState;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use service::{ApiError, ApiResult, Secret};
use time::OffsetDateTime;

/// Whom the cookie is for; no other token of ours passes for it.
const AUDIENCE: &str = "google-sign-in";
/// How long somebody may take at Google.
const LIFE: time::Duration = time::Duration::minutes(10);
/// Characters of `return_to` at most.
const MOST: usize = 512;

/// The secrets of an attempt, and where it leads.
#[derive(Serialize, Deserialize)]
pub(super) struct Attempt {
    /// Comes back with the code.
    pub state: String,
    /// Comes back in the ID token.
    pub nonce: String,
    /// Proves to the provider that who fetches the tokens began the attempt (PKCE, RFC 7636).
    pub verifier: String,
    /// A path of the frontend.
    pub return_to: String,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    exp: i64,
    #[serde(flatten)]
    attempt: Attempt,
}

impl Attempt {
    /// Puts it into the cookie.
    pub fn keep(self, state: &AppState, client: &Client, headers: &mut HeaderMap) -> ApiResult<()> {
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: "attempt".into(),
            exp: (OffsetDateTime::now_utc() + LIFE).unix_timestamp(),
            attempt: self,
        };
        let token = state.keys.sign(&claims).map_err(ApiError::internal)?;
        cookies::set(headers, client, cookies::OAUTH, &token, LIFE);
        Ok(())
    }

    /// The attempt that this browser made, if it is the one with this state.
    pub fn of(state: &AppState, headers: &HeaderMap, given: Option<&str>) -> Option<Self> {
        let token = cookies::get(headers, cookies::OAUTH)?;
        let claims: Claims = state.keys.verify(token, AUDIENCE)?;
        let expected = Secret::new(claims.attempt.state.as_str());
        expected
            .matches(given?.as_bytes())
            .then_some(claims.attempt)
    }
}

/// A path of the frontend to come back to, `/` by default. 422 for anything that a browser could
/// take for another site.
pub(super) fn return_to(given: Option<&str>) -> ApiResult<String> {
    let path = given.unwrap_or("/");
    let ours = path.len() <= MOST
        && path.starts_with('/')
        && !path.starts_with("//")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    ours.then(|| path.to_owned()).ok_or_else(|| {
        let message = format!(
            "`return_to` must be a path of the frontend, such as /calls, of at most {MOST} characters."
        );
        ApiError::invalid_parameter("return_to", message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_frontend_are_returned_to() {
        for good in [
            "/",
            "/calls?status=missed#x",
            "/a//b",
            "/@evil.example",
            "/%2F%2Fevil.example",
        ] {
            assert_eq!(return_to(Some(good)).unwrap(), good);
        }
        assert_eq!(return_to(None).unwrap(), "/");
        for bad in [
            "",
            "calls",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "@evil.example",
            ".evil.example",
            "/\r\nSet-Cookie: a=b",
            "/ü",
            &format!("/{}", "x".repeat(MOST)),
        ] {
            assert!(return_to(Some(bad)).is_err(), "{bad:?}");
        }
    }
}
