//! `POST /api/auth/signup`: an account, and an organization of one's own with it.

use super::begin::begin_session;
use super::{How, carried_guest, event, me, verification};
use crate::address::Client;
use crate::limits::Endpoint;
use crate::openapi::{BodyFailures, Failures, LimitFailures, OriginFailures};
use crate::state::AppState;
use crate::{failure, input, passwords};
use api::ErrorCode;
use api::accounts::{AuthProvider, Me, Signup};
use axum::extract::State;
use data_model::NewAccount;
use http::{HeaderMap, StatusCode};
use serde_json::json;
use service::{ApiError, ApiResult, Json};

/// Makes an account and signs it in. Whoever is a guest becomes the account and keeps what is theirs.
#[utoipa::path(post, path = "/api/auth/signup", tag = "Accounts", request_body = Signup,
    responses((status = 201, body = Me, description = "Signed in: sets both cookies"),
        (status = 409, body = api::ErrorEnvelope, description = "`email_taken`"),
        Failures, BodyFailures, LimitFailures, OriginFailures))]
pub(super) async fn signup(
    State(state): State<AppState>,
    client: Client,
    headers: HeaderMap,
    Json(body): Json<Signup>,
) -> ApiResult<(StatusCode, HeaderMap, Json<Me>)> {
    if !state.config.accounts.signup_enabled {
        let message = "Signing up is switched off here (SIGNUP_ENABLED).";
        return Err(ApiError::new(ErrorCode::Forbidden, message));
    }
    let email = input::email("email", &body.email)?;
    let name = body.name.map(|name| input::line("name", &name, 1..=128));
    let name = name.transpose()?;
    passwords::check(&body.password.0, "password")?;
    let limits = &state.limits;
    limits.check(Endpoint::Signup, &client, Some(&email))?;
    let guest = carried_guest(&state, &headers).await?;
    let account = NewAccount {
        provider: AuthProvider::Password,
        email,
        email_verified: false,
        name,
        password_hash: Some(state.passwords.hash(&body.password.0).await?),
        guest,
    };
    let mut event = event(&client, "signup");
    event.details = Some(json!({"method": "password", "was_guest": guest.is_some()}));
    let user = state.database.create_account(&account, &event).await;
    let user = user.map_err(failure::of("account"))?;
    if let Err(error) = verification::send(&state, user).await {
        // The account is there; the letter can be asked for again.
        error.log();
    }
    let (started, cookies) = begin_session(&state, &client, user, How::New).await?;
    let me = me::of(&state, user, started.organization).await?;
    Ok((StatusCode::CREATED, cookies, Json(me)))
}
