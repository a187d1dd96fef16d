//! `GET /api/auth/google/start` and `/callback`: signing in with Google (OpenID Connect, authorization
//! code with PKCE, state and nonce; RFC 9700).
//!
//! Both are for browsers: they answer with redirects. The callback tells what went wrong as
//! `?error=CODE` at the frontend.

mod attempt;
mod provider;

pub use provider::Google;

use self::attempt::{Attempt, return_to};
use self::provider::ProviderError;
use super::{How, begin, carried_guest, event};
use crate::address::Client;
use crate::cookies;
use crate::limits::Endpoint;
use crate::openapi::{Failures, LimitFailures};
use crate::state::AppState;
use api::ErrorCode;
use api::ids::UserId;
use axum::extract::State;
use data_model::Identified;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use service::{ApiError, ApiResult, Query};
use utoipa::IntoParams;

/// Query of `GET /api/auth/google/start`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Start {
    /// Where at the frontend to go afterwards: a path such as `/calls?status=missed`.
    #[param(max_length = 512, pattern = "^/([!-.0-\\[\\]-~][!-\\[\\]-~]*)?$")]
    return_to: Option<String>,
}

/// Query of `GET /api/auth/google/callback`, as the provider makes it.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Callback {
    /// What the tokens are fetched with.
    #[param(max_length = 2048)]
    code: Option<String>,
    /// What the attempt began with.
    #[param(max_length = 2048)]
    state: Option<String>,
    /// Why there is no code.
    #[param(max_length = 2048)]
    error: Option<String>,
}

/// Goes to Google to sign in there.
#[utoipa::path(get, path = "/api/auth/google/start", tag = "Accounts", params(Start),
    responses((status = 302, description = "To Google; sets a cookie for ten minutes"),
        (status = 424, body = api::ErrorEnvelope, description = "`upstream_failed`: Google does not answer; `not_configured`: the message names what is not set up"),
        Failures, LimitFailures))]
pub(super) async fn start(
    State(state): State<AppState>,
    client: Client,
    Query(query): Query<Start>,
) -> ApiResult<(StatusCode, HeaderMap)> {
    let google = configured(&state)?;
    let return_to = return_to(query.return_to.as_deref())?;
    state.limits.check(Endpoint::Oauth, &client, None)?;
    let (url, attempt) = google.begin(return_to).await.map_err(|error| {
        ApiError::new(
            ErrorCode::UpstreamFailed,
            "Google does not answer; try again.",
        )
        .with_source(error)
    })?;
    let mut headers = redirect(&url)?;
    attempt.keep(&state, &client, &mut headers)?;
    Ok((StatusCode::FOUND, headers))
}

/// Comes back from Google: signs in, or up, and goes to the frontend, where `?error=` tells what went wrong:
/// `access_denied`, `invalid_state`, `provider_failed`, `email_not_verified`, `signup_disabled`, `rate_limited`, `unavailable`.
#[utoipa::path(get, path = "/api/auth/google/callback", tag = "Accounts", params(Callback),
    responses((status = 302, description = "To the frontend; sets both cookies when it worked"),
        (status = 424, body = api::ErrorEnvelope, description = "`not_configured`: the message names what is not set up"),
        Failures))]
pub(super) async fn callback(
    State(state): State<AppState>,
    client: Client,
    headers: HeaderMap,
    Query(query): Query<Callback>,
) -> ApiResult<(StatusCode, HeaderMap)> {
    let google = configured(&state)?;
    let frontend = state.config.frontend();
    let mut answer = match sign_in(&state, google, &client, &headers, query).await {
        Ok((cookies, to)) => {
            let mut answer = redirect(&format!("{frontend}{to}"))?;
            answer.extend(cookies);
            answer
        }
        Err(refusal) => redirect(&format!("{frontend}/?error={}", refusal.code()))?,
    };
    // An attempt is over, however it ended.
    cookies::clear(&mut answer, &client, cookies::OAUTH);
    Ok((StatusCode::FOUND, answer))
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("they said no")]
    Denied,
    #[error("no attempt of this browser has this state")]
    State,
    #[error("the address is not verified")]
    EmailNotVerified,
    #[error("signing up is switched off")]
    SignupDisabled,
    #[error(transparent)]
    Provider(#[from] ProviderError),
    #[error(transparent)]
    Ours(#[from] ApiError),
}

impl Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::Denied => "access_denied",
            Refusal::State => "invalid_state",
            Refusal::EmailNotVerified => "email_not_verified",
            Refusal::SignupDisabled => "signup_disabled",
            Refusal::Provider(error) => {
                tracing::warn!(
                    error = error as &dyn std::error::Error,
                    "signing in with Google failed"
                );
                "provider_failed"
            }
            Refusal::Ours(error) => {
                error.log();
                match error.code {
                    ErrorCode::RateLimited => "rate_limited",
                    _ => "unavailable",
                }
            }
        }
    }
}

/// The cookies of the session, and where to go.
async fn sign_in(
    state: &AppState,
    google: &Google,
    client: &Client,
    headers: &HeaderMap,
    query: Callback,
) -> Result<(HeaderMap, String), Refusal> {
    state.limits.check(Endpoint::Oauth, client, None)?;
    let attempt = Attempt::of(state, headers, query.state.as_deref()).ok_or(Refusal::State)?;
    let code = match (query.error, query.code) {
        (None, Some(code)) if code.len() <= 2048 => code,
        (Some(error), _) if error == "access_denied" => return Err(Refusal::Denied),
        _ => return Err(ProviderError::NoCode.into()),
    };
    let identity = google.finish(code, &attempt).await?;
    let guest = carried_guest(state, headers).await?;
    let signup = state.config.accounts.signup_enabled;
    let event = event(client, "oauth");
    let identified = state.database.identify(&identity, guest, signup, &event);
    let identified = identified.await.map_err(crate::failure::of("account"))?;
    let (user, how): (UserId, How) = match identified {
        Identified::Known(user) | Identified::Linked(user) => (user, How::Google),
        Identified::Created(user) => (user, How::New),
        Identified::EmailNotVerified => return Err(Refusal::EmailNotVerified),
        Identified::SignupDisabled => return Err(Refusal::SignupDisabled),
    };
    let cookies = begin(state, client, user, how).await?;
    Ok((cookies, attempt.return_to))
}

fn configured(state: &AppState) -> ApiResult<&Google> {
    state.google.as_ref().ok_or_else(|| {
        let message =
            "Signing in with Google is not set up: GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET.";
        ApiError::new(ErrorCode::NotConfigured, message)
    })
}

/// Headers that send a browser elsewhere; neither it nor anybody between keeps them.
fn redirect(to: &str) -> ApiResult<HeaderMap> {
    let to = HeaderValue::from_str(to).map_err(ApiError::internal)?;
    Ok(HeaderMap::from_iter([
        (header::LOCATION, to),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
    ]))
}
