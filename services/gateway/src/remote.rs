//! Tokens that a service elsewhere knows (`AUTH_MODE=remote` and `hybrid`).
//!
//! `POST {AUTH_REMOTE_URL}` with `{"token_sha256": "<64 hex>"}`; the answer is
//! `{"active": true, "user_id": "...", "scopes": ["asr"], "expires_in": 300}`. Scopes are names
//! of services, `*` or `admin`; none means every service.

use crate::error::GatewayError;
use crate::identity::Identity;
use crate::limits::Quota;
use crate::token::TokenHash;
use api::ErrorCode;
use api::tokens::TokenInfo;
use serde::Deserialize;
use service::ApiError;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// The remote service answers within this or has failed.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Answers are kept for as long as they say, within these bounds.
const KEEP: std::ops::RangeInclusive<u64> = 1..=3600;
/// How long an unknown token stays unknown.
const KEEP_UNKNOWN: Duration = Duration::from_secs(10);
/// Answers kept at once.
const MAX_ENTRIES: usize = 10_000;
/// Questions under way at once.
const MAX_ASKING: usize = 32;
/// Failures in a row that open the circuit, and for how long.
const FAILURES: u32 = 5;
const OPEN: Duration = Duration::from_secs(10);
/// Largest answer in bytes.
const MAX_ANSWER: usize = 64 * 1024;

#[derive(Debug, Deserialize)]
struct Answer {
    active: bool,
    #[serde(default)]
    user_id: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    expires_in: u64,
}

#[derive(Debug)]
struct Known {
    /// `None` for a token the service does not know.
    identity: Option<Arc<Identity>>,
    until: Instant,
}

#[derive(Debug, Default)]
struct Circuit {
    failures: u32,
    open_until: Option<Instant>,
}

/// The service elsewhere, with what it said lately.
#[derive(Debug)]
pub struct Remote {
    url: reqwest::Url,
    http: reqwest::Client,
    quota: Quota,
    known: Mutex<HashMap<TokenHash, Known>>,
    circuit: Mutex<Circuit>,
    asking: Semaphore,
    /// Requests with the same fresh token share one question.
    same: Mutex<HashMap<TokenHash, Arc<tokio::sync::Mutex<()>>>>,
}

impl Remote {
    /// A client for `AUTH_REMOTE_URL`. Certificates are checked against the system's store.
    pub fn new(url: Option<&str>, quota: Quota) -> Result<Self, GatewayError> {
        let wrong = || {
            GatewayError::Setting(
                "AUTH_REMOTE_URL must be an http or https address in AUTH_MODE remote and hybrid"
                    .into(),
            )
        };
        let url = reqwest::Url::parse(url.unwrap_or_default()).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong());
        }
        // Fails only when a provider is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| {
                GatewayError::System(format!("no HTTPS client for AUTH_REMOTE_URL: {error}"))
            })?;
        Ok(Remote {
            url,
            http,
            quota,
            known: Mutex::default(),
            circuit: Mutex::default(),
            asking: Semaphore::new(MAX_ASKING),
            same: Mutex::default(),
        })
    }

    /// Who a token belongs to; `None` if the service does not know it, 503 if it cannot be asked.
    pub async fn find(&self, hash: TokenHash) -> Result<Option<Arc<Identity>>, ApiError> {
        if let Some(known) = self.cached(&hash) {
            return Ok(known);
        }
        let turn = self.turn(hash);
        let _turn = turn.lock().await;
        if let Some(known) = self.cached(&hash) {
            return Ok(known);
        }
        let asked = self.ask(hash).await;
        lock(&self.same).remove(&hash);
        Ok(self.remember(hash, asked?))
    }

    /// Ends a session when its token is found to be inactive after its answer ran out. Never
    /// returns by itself. A service that is down ends nothing.
    pub async fn keep_fresh(&self, identity: &Identity) {
        loop {
            let until = lock(&self.known)
                .get(&identity.hash)
                .map(|known| known.until);
            let wait = until.map_or(Duration::ZERO, |until| {
                until.saturating_duration_since(Instant::now())
            });
            tokio::time::sleep(wait.max(Duration::from_secs(1))).await;
            match self.find(identity.hash).await {
                // Another user or other scopes under the same token: the old session is over.
                Ok(Some(now))
                    if now.info.user_id == identity.info.user_id
                        && now.scopes == identity.scopes => {}
                Ok(_) => identity.revoked.cancel(),
                Err(_) => tokio::time::sleep(OPEN).await,
            }
        }
    }

    /// Whoever holds this lock asks about the token; the others wait for the answer.
    fn turn(&self, hash: TokenHash) -> Arc<tokio::sync::Mutex<()>> {
        let mut same = lock(&self.same);
        if same.len() > MAX_ASKING * 8 {
            // Left behind by clients that did not wait.
            same.retain(|_, turn| Arc::strong_count(turn) > 1);
        }
        same.entry(hash).or_default().clone()
    }

    fn cached(&self, hash: &TokenHash) -> Option<Option<Arc<Identity>>> {
        let known = lock(&self.known);
        known
            .get(hash)
            .filter(|known| known.until > Instant::now())
            .map(|known| known.identity.clone())
    }

    async fn ask(&self, hash: TokenHash) -> Result<Answer, ApiError> {
        let unavailable = |wait| {
            ApiError::new(
                ErrorCode::UpstreamUnavailable,
                "The service that knows the tokens does not answer.",
            )
            .with_retry_after(wait)
        };
        if let Some(until) = lock(&self.circuit).open_until {
            let wait = until.saturating_duration_since(Instant::now());
            if !wait.is_zero() {
                return Err(unavailable(wait));
            }
        }
        let place = tokio::time::timeout(TIMEOUT, self.asking.acquire()).await;
        let answer = match place {
            Ok(_place) => self.fetch(hash).await,
            Err(_) => return Err(ApiError::overloaded(TIMEOUT)),
        };
        let mut circuit = lock(&self.circuit);
        match answer {
            Ok(answer) => {
                *circuit = Circuit::default();
                Ok(answer)
            }
            Err(why) => {
                circuit.failures += 1;
                if circuit.failures >= FAILURES {
                    circuit.open_until = Some(Instant::now() + OPEN);
                }
                tracing::warn!(why, failures = circuit.failures, "AUTH_REMOTE_URL failed");
                Err(unavailable(Duration::from_secs(1)))
            }
        }
    }

    /// Errors never name the address: it may hold credentials.
    async fn fetch(&self, hash: TokenHash) -> Result<Answer, String> {
        let question = serde_json::json!({ "token_sha256": hash.to_hex() });
        let sent = self
            .http
            .post(self.url.clone())
            .json(&question)
            .send()
            .await;
        let mut response = sent.map_err(|error| error.without_url().to_string())?;
        if !response.status().is_success() {
            return Err(format!("status {}", response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| error.without_url().to_string())?
        {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err("the answer is too large".into());
            }
            body.extend_from_slice(&chunk);
        }
        serde_json::from_slice(&body).map_err(|error| format!("not the expected answer: {error}"))
    }

    fn remember(&self, hash: TokenHash, answer: Answer) -> Option<Arc<Identity>> {
        let now = Instant::now();
        let mut known = lock(&self.known);
        if known.len() >= MAX_ENTRIES && !known.contains_key(&hash) {
            known.retain(|_, known| known.until > now);
            if known.len() >= MAX_ENTRIES {
                known.clear();
            }
        }
        let before = known.remove(&hash).and_then(|known| known.identity);
        let same = before.as_ref().is_some_and(|before| {
            answer.active && before.info.user_id == answer.user_id && before.scopes == answer.scopes
        });
        let identity = match before {
            // Its limits and open WebSockets go on.
            Some(before) if same => Some(before),
            before => {
                before.inspect(|before| before.revoked.cancel());
                answer
                    .active
                    .then(|| Arc::new(self.identity(hash, &answer)))
            }
        };
        let keep = match identity {
            Some(_) => Duration::from_secs(answer.expires_in.clamp(*KEEP.start(), *KEEP.end())),
            None => KEEP_UNKNOWN,
        };
        known.insert(
            hash,
            Known {
                identity: identity.clone(),
                until: now + keep,
            },
        );
        identity
    }

    fn identity(&self, hash: TokenHash, answer: &Answer) -> Identity {
        let info = TokenInfo {
            id: format!("remote_{}", &hash.to_hex()[..16]),
            user_id: answer.user_id.chars().take(128).collect(),
            label: String::new(),
            prefix: "wh_".into(),
            admin: answer.scopes.iter().any(|scope| scope == "admin"),
            created_at: String::new(),
            last_used_at: None,
            rate_limit_rpm: None,
            rate_limit_characters: None,
            rate_limit_streams: None,
        };
        Identity::new(info, hash, answer.scopes.clone(), self.quota)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
