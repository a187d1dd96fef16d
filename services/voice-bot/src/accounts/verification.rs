//! `POST /api/auth/verify-email` and `/resend-verification`.

use super::event;
use super::one_time::{self, OneTimeToken};
use crate::address::Client;
use crate::failure;
use crate::limits::Endpoint;
use crate::mail::{MailError, letters};
use crate::openapi::{BodyFailures, Failures, LimitFailures, OriginFailures, SessionFailures};
use crate::session::SignedIn;
use crate::state::AppState;
use api::ErrorCode;
use api::ids::UserId;
use api::recovery::{Told, VerifyEmail};
use axum::extract::State;
use data_model::{NewToken, Verification};
use service::{ApiError, ApiResult, Json};
use std::time::Duration;

/// Life of a verification.
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// Letters to one person in an hour, the first one included.
const HOURLY: i64 = 4;

/// Shows with the token of the letter that the address is one's own; works once, for 24 hours, signed in or not.
#[utoipa::path(post, path = "/api/auth/verify-email", tag = "Accounts", request_body = VerifyEmail,
    responses((status = 200, body = Told), Failures, BodyFailures, LimitFailures, OriginFailures))]
pub(super) async fn verify(
    State(state): State<AppState>,
    client: Client,
    Json(body): Json<VerifyEmail>,
) -> ApiResult<Json<Told>> {
    state.limits.check(Endpoint::Token, &client, None)?;
    let token = one_time::read(&body.token)?;
    let event = event(&client, "email.verified");
    let verified = state.database.verify_email(&token, &event).await;
    verified.map_err(one_time::failed)?;
    Ok(Json(Told {
        message: "The address is verified.".into(),
    }))
}

/// Sends the letter again, four times an hour at most. 409 when the address is verified already.
#[utoipa::path(post, path = "/api/auth/resend-verification", tag = "Accounts", security(("session" = [])),
    responses((status = 200, body = Told), (status = 409, body = api::ErrorEnvelope, description = "`conflict`: verified already"),
        Failures, SessionFailures, LimitFailures))]
pub(super) async fn resend(
    State(state): State<AppState>,
    client: Client,
    person: SignedIn,
) -> ApiResult<Json<Told>> {
    person.require_account()?;
    let email = person.0.email.as_deref();
    state.limits.check(Endpoint::Email, &client, email)?;
    match send(&state, person.0.user_id).await? {
        Verification::Made(_) => Ok(Json(Told {
            message: "A letter is on its way.".into(),
        })),
        Verification::Verified => Err(ApiError::new(
            ErrorCode::Conflict,
            "The address is verified already.",
        )),
        Verification::Wait(wait) => Err(ApiError::new(
            ErrorCode::RateLimited,
            "There were enough letters for now; look into your spam folder meanwhile.",
        )
        .with_retry_after(wait)),
    }
}

/// Sends the letter that asks whether the address of an account is its owner's. It is on disk when
/// this returns.
pub(super) async fn send(state: &AppState, user: UserId) -> ApiResult<Verification> {
    let token = OneTimeToken::new().map_err(ApiError::internal)?;
    let stored = NewToken {
        hash: token.hash,
        life: LIFE,
        hourly: HOURLY,
    };
    let made = state.database.new_verification(user, &stored).await;
    let made = made.map_err(failure::of("account"))?;
    if let Verification::Made(to) = &made {
        let letter = letters::verification(&state.config, to, token.text.expose());
        match state.mailer.send(letter).await {
            Err(MailError::Address(_)) => {
                tracing::warn!("an account has an address that cannot be written to");
            }
            sent => sent.map_err(ApiError::internal)?,
        }
    }
    Ok(made)
}
