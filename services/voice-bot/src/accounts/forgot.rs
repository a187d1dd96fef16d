//! `POST /api/auth/forgot-password` and `/reset-password`.
//!
//! Whoever asks is told the same after the same work, whether there is such an account or not: the
//! wish is written down, and [`deliver`] looks at it afterwards. What was answered is on disk.

use super::event;
use super::one_time::{self, OneTimeToken};
use crate::address::Client;
use crate::limits::Endpoint;
use crate::mail::{MailError, letters};
use crate::openapi::{BodyFailures, Failures, LimitFailures, OriginFailures};
use crate::state::AppState;
use crate::{failure, input, passwords};
use api::recovery::{ForgotPassword, ResetPassword, Told};
use axum::extract::State;
use data_model::NewToken;
use service::{ApiResult, Json};
use std::time::Duration;
use tokio::time::Instant;

/// Life of a reset.
const LIFE: Duration = Duration::from_secs(60 * 60);
/// Letters to one address in an hour.
const HOURLY: i64 = 5;
/// How often wishes are looked for that nobody told of, such as those of another process.
const LOOK: Duration = Duration::from_secs(20);
/// How often old tokens are deleted.
const CLEAN: Duration = Duration::from_secs(3600);

/// Sends a letter with a link to `/reset-password?token=` to the owner of an account, at most five
/// an hour. The answer does not tell whether there is such an account.
#[utoipa::path(post, path = "/api/auth/forgot-password", tag = "Accounts", request_body = ForgotPassword,
    responses((status = 200, body = Told), Failures, BodyFailures, LimitFailures, OriginFailures))]
pub(super) async fn forgot(
    State(state): State<AppState>,
    client: Client,
    Json(body): Json<ForgotPassword>,
) -> ApiResult<Json<Told>> {
    let email = input::email("email", &body.email)?;
    state.limits.check(Endpoint::Email, &client, Some(&email))?;
    let asked = state
        .database
        .ask_for_reset(&email, client.ip, client.user_agent.as_deref());
    asked.await.map_err(failure::of("account"))?;
    state.resets.notify_one();
    Ok(Json(Told {
        message: "If there is an account with this address, a letter is on its way to it.".into(),
    }))
}

/// Chooses a new password with the token of the letter, which works once, for an hour, and only if
/// no other was sent since. Every sign-in ends; the address counts as verified.
#[utoipa::path(post, path = "/api/auth/reset-password", tag = "Accounts", request_body = ResetPassword,
    responses((status = 200, body = Told), Failures, BodyFailures, LimitFailures, OriginFailures))]
pub(super) async fn reset(
    State(state): State<AppState>,
    client: Client,
    Json(body): Json<ResetPassword>,
) -> ApiResult<Json<Told>> {
    state.limits.check(Endpoint::Token, &client, None)?;
    let token = one_time::read(&body.token)?;
    passwords::check(&body.password.0, "password")?;
    // A password is not hashed for a token that does not work.
    let open = state.database.reset_is_open(&token).await;
    if !open.map_err(failure::of("account"))? {
        return Err(one_time::expired());
    }
    let hash = state.passwords.hash(&body.password.0).await?;
    let event = event(&client, "password.reset");
    let reset = state.database.reset_password(&token, &hash, &event).await;
    let email = reset.map_err(one_time::failed)?;
    tell_changed(&state, &email).await;
    Ok(Json(Told {
        message: "The password is changed; sign in with it.".into(),
    }))
}

/// Somebody whose mailbox was read by another learns of it.
async fn tell_changed(state: &AppState, email: &str) {
    let letter = letters::password_changed(&state.config, email);
    if let Err(error) = state.mailer.send(letter).await {
        tracing::error!(%error, "a letter about a changed password could not be written down");
    }
}

/// Writes the letters of those who forgot, and deletes old tokens, until the drain starts.
pub async fn deliver(state: AppState) {
    let _busy = state.drain.guard();
    let mut cleaned: Option<Instant> = None;
    while !state.drain.is_draining() {
        match next(&state).await {
            Ok(true) => continue,
            Ok(false) => {}
            // It is told of elsewhere.
            Err(LetterError::Database(error)) => {
                tracing::debug!(%error, "the database is not ready")
            }
            Err(error) => tracing::warn!(error = %error, "letters to those who forgot wait"),
        }
        if cleaned.is_none_or(|at| at.elapsed() > CLEAN) {
            let deleted = state.database.delete_expired_tokens().await;
            cleaned = deleted.is_ok().then(Instant::now);
        }
        tokio::select! {
            () = state.drain.started() => {}
            () = state.resets.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Why a letter was not written.
#[derive(Debug, thiserror::Error)]
enum LetterError {
    #[error("no random numbers: {0}")]
    Random(#[from] std::io::Error),
    #[error(transparent)]
    Database(#[from] data_model::Error),
    #[error(transparent)]
    Mail(#[from] MailError),
}

/// Writes one letter; false when nobody waits. The token is stored after the letter is: a letter
/// may have a token that never worked, when the process dies in between, but then another follows.
async fn next(state: &AppState) -> Result<bool, LetterError> {
    let token = OneTimeToken::new()?;
    let stored = NewToken {
        hash: token.hash,
        life: LIFE,
        hourly: HOURLY,
    };
    let Some(pending) = state.database.next_reset(&stored).await? else {
        return Ok(false);
    };
    if let Some(to) = &pending.to {
        let letter = letters::password_reset(&state.config, to, token.text.expose());
        match state.mailer.send(letter).await {
            // No attempt will ever succeed.
            Err(MailError::Address(_)) => {
                tracing::warn!("an account has an address that cannot be written to")
            }
            sent => sent?,
        }
    }
    pending.done().await?;
    Ok(true)
}
