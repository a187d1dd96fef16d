//! How a sign-in begins, whatever it was that let somebody in.

use crate::address::Client;
use crate::cookies;
use crate::failure;
use crate::session::access_token;
use crate::state::AppState;
use api::ids::UserId;
use data_model::{NewSession, Purpose, Started};
use http::HeaderMap;
use rand::TryRngCore;
use rand::rngs::OsRng;
use serde_json::json;
use service::{ApiError, ApiResult};
use sha2::{Digest, Sha256};
use std::time::Duration;
use time::OffsetDateTime;

/// Life of an access token.
const ACCESS: Duration = Duration::from_secs(15 * 60);
/// Life of a refresh token, and so of a sign-in that is not used.
const REFRESH: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Life of a sign-in in HIPAA mode, used or not.
const HIPAA: Duration = Duration::from_secs(60 * 60);

/// What let somebody in.
#[derive(Debug, Clone)]
pub enum How {
    /// They have just been made, as an account or as a guest; that is on record already.
    New,
    /// A password that fits what is stored; the sign-in fails if that has changed meanwhile.
    Password {
        /// What is stored.
        hash: String,
    },
    /// A Google account.
    Google,
}

/// A refresh token as its holder carries it, and as it is stored.
pub struct RefreshToken {
    /// 64 hexadecimal digits: 256 bits from the operating system.
    pub text: String,
    /// Its SHA-256.
    pub hash: [u8; 32],
}

/// Signs somebody in: a new family of sessions, and the headers that set its cookies.
pub async fn begin(
    state: &AppState,
    client: &Client,
    user: UserId,
    how: How,
) -> ApiResult<HeaderMap> {
    begin_session(state, client, user, how)
        .await
        .map(|(_, headers)| headers)
}

/// As [`begin`], and what was stored.
pub(crate) async fn begin_session(
    state: &AppState,
    client: &Client,
    user: UserId,
    how: How,
) -> ApiResult<(Started, HeaderMap)> {
    let token = RefreshToken::new()?;
    let purpose = how.purpose();
    let new = session(state, client, &token);
    let started = state.database.begin_session(user, &new, &purpose).await;
    let started = started.map_err(failure::of("user"))?;
    let headers = set_cookies(state, client, &started, &token)?;
    Ok((started, headers))
}

/// What is stored of a sign-in from this client.
pub(crate) fn session(state: &AppState, client: &Client, token: &RefreshToken) -> NewSession {
    NewSession {
        token_hash: token.hash,
        life: match state.config.common.hipaa_mode {
            true => HIPAA,
            false => REFRESH,
        },
        ip: client.ip,
        user_agent: client.user_agent.clone(),
    }
}

/// The headers that set both cookies of a session.
pub(crate) fn set_cookies(
    state: &AppState,
    client: &Client,
    started: &Started,
    token: &RefreshToken,
) -> ApiResult<HeaderMap> {
    let left = started.expires_at - OffsetDateTime::now_utc();
    let left = Duration::try_from(left).unwrap_or_default();
    let life = ACCESS.min(left);
    let access = access_token(state, started.user, started.session, life)?;
    let mut headers = HeaderMap::new();
    for (name, value, life) in [
        (cookies::ACCESS, &access, life),
        (cookies::REFRESH, &token.text, left),
    ] {
        let life = time::Duration::seconds(life.as_secs().cast_signed());
        cookies::set(&mut headers, client, name, value, life);
    }
    Ok(headers)
}

/// The headers that take both cookies away.
pub(crate) fn clear_cookies(client: &Client) -> HeaderMap {
    let mut headers = HeaderMap::new();
    cookies::clear(&mut headers, client, cookies::ACCESS);
    cookies::clear(&mut headers, client, cookies::REFRESH);
    headers
}

impl How {
    fn purpose(self) -> Purpose {
        let login = |method: &str| Some(("login", json!({ "method": method })));
        match self {
            How::New => Purpose::default(),
            How::Password { hash } => Purpose {
                event: login("password"),
                password_hash: Some(hash),
            },
            How::Google => Purpose {
                event: login("google"),
                password_hash: None,
            },
        }
    }
}

impl RefreshToken {
    /// A new one.
    pub fn new() -> ApiResult<Self> {
        let mut random = [0u8; 32];
        OsRng
            .try_fill_bytes(&mut random)
            .map_err(ApiError::internal)?;
        let text = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(RefreshToken::from_text(text))
    }

    /// One that came in; `None` when it cannot be one of ours.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let text = cookies::get(headers, cookies::REFRESH)?;
        let ours = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        ours.then(|| RefreshToken::from_text(text.to_owned()))
    }

    fn from_text(text: String) -> Self {
        let hash = Sha256::digest(text.as_bytes()).into();
        RefreshToken { text, hash }
    }
}
