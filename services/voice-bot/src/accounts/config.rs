//! `GET /api/auth/config`: what a sign-in page must know.

use crate::openapi::Failures;
use crate::passwords;
use crate::state::AppState;
use api::accounts::AuthConfig;
use axum::extract::State;
use service::Json;

/// Which ways in there are.
#[utoipa::path(get, path = "/api/auth/config", tag = "Accounts",
    responses((status = 200, body = AuthConfig), Failures))]
pub(super) async fn config(State(state): State<AppState>) -> Json<AuthConfig> {
    let accounts = &state.config.accounts;
    Json(AuthConfig {
        google_enabled: state.google.is_some(),
        signup_enabled: accounts.signup_enabled,
        guest_enabled: accounts.guest_enabled,
        email_verification_enabled: true,
        password: passwords::RULES,
    })
}
