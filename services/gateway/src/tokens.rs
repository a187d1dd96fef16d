//! `/auth/tokens`: making, listing and revoking API tokens. Admin only.

use crate::auth::{Credentials, Places};
use crate::directory::Revoked;
use crate::meter;
use crate::proxy::{limited, row};
use crate::state::Shared;
use api::tokens::{CreateToken, CreatedToken, ListTokens, RevokedToken, TokenList};
use api::{ErrorCode, ErrorEnvelope};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use service::{ApiError, ApiResult, Json, Path, Query};
use std::borrow::Cow;
use std::ops::RangeInclusive;

const MAX_USER: usize = 128;
const MAX_LABEL: usize = 256;
const RPM: RangeInclusive<u32> = 1..=1_000_000;
const STREAMS: RangeInclusive<u32> = 1..=100_000;
const CHARACTERS: RangeInclusive<u32> = 1..=100_000_000;

/// Lets the admin token through to `/auth/*` and `/status`, within its limits, and counts the request.
pub async fn admin_only(State(gateway): State<Shared>, request: Request, next: Next) -> Response {
    let identity = match gateway
        .auth
        .caller(Credentials::of(&request, Places::Header))
        .await
    {
        Ok(identity) => identity,
        Err(error) => return error.into_response(),
    };
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("/auth", MatchedPath::as_str)
        .to_owned();
    let entry = match gateway
        .usage
        .begin(row(&identity, "auth", request.method(), Cow::Owned(route)))
        .await
    {
        Ok(entry) => entry,
        Err(error) => return error.into_response(),
    };
    let answer = limited(&identity, &entry, request, |request| async {
        match identity.info.admin {
            true => Ok(next.run(request).await),
            false => Err(ApiError::new(
                ErrorCode::AdminRequired,
                "Only the admin token may call /auth and /status.",
            )),
        }
    })
    .await;
    meter::attach(entry, answer)
}

/// Makes a token. This answer is the only one that shows it.
#[utoipa::path(post, path = "/auth/tokens", tag = "tokens", request_body = CreateToken, security(("token" = [])),
    responses((status = 200, body = CreatedToken), (status = "4XX", body = ErrorEnvelope)))]
pub async fn create(
    State(gateway): State<Shared>,
    Json(wish): Json<CreateToken>,
) -> ApiResult<impl IntoResponse> {
    let wish = checked(wish)?;
    let (token, info) = gateway.directory.create(wish).await?;
    let created = CreatedToken {
        success: true,
        token: token.expose().to_owned(),
        info,
    };
    Ok((
        [(CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        Json(created),
    ))
}

/// Lists active tokens, newest first, without their secret part.
#[utoipa::path(get, path = "/auth/tokens", tag = "tokens", params(ListTokens), security(("token" = [])),
    responses((status = 200, body = TokenList), (status = "4XX", body = ErrorEnvelope)))]
pub async fn list(
    State(gateway): State<Shared>,
    Query(query): Query<ListTokens>,
) -> ApiResult<Json<TokenList>> {
    gateway.usage.flush().await;
    Ok(Json(TokenList {
        tokens: gateway.directory.list(query.user_id).await?,
    }))
}

/// Revokes a token at once; WebSockets that use it are closed with code 4001.
#[utoipa::path(delete, path = "/auth/tokens/{id}", tag = "tokens", params(("id" = String, Path, description = "Id of the token")),
    security(("token" = [])), responses((status = 200, body = RevokedToken), (status = "4XX", body = ErrorEnvelope)))]
pub async fn revoke(
    State(gateway): State<Shared>,
    Path(id): Path<String>,
) -> ApiResult<Json<RevokedToken>> {
    match gateway.directory.revoke(id.clone()).await? {
        Revoked::Done => Ok(Json(RevokedToken { success: true, id })),
        Revoked::Unknown => Err(ApiError::not_found(
            "There is no active token with this id; GET /auth/tokens lists them.",
        )),
        Revoked::LastAdmin => {
            let message =
                "The only admin token cannot be revoked; `gateway --rotate-admin` replaces it.";
            Err(ApiError::new(ErrorCode::Conflict, message))
        }
    }
}

fn checked(mut wish: CreateToken) -> Result<CreateToken, ApiError> {
    wish.user_id = wish.user_id.trim().to_owned();
    text("user_id", &wish.user_id, 1..=MAX_USER)?;
    text("label", &wish.label, 0..=MAX_LABEL)?;
    number("rate_limit_rpm", wish.rate_limit_rpm, &RPM)?;
    number("rate_limit_streams", wish.rate_limit_streams, &STREAMS)?;
    number(
        "rate_limit_characters",
        wish.rate_limit_characters,
        &CHARACTERS,
    )?;
    Ok(wish)
}

fn text(name: &str, value: &str, length: RangeInclusive<usize>) -> Result<(), ApiError> {
    if length.contains(&value.chars().count()) && !value.chars().any(char::is_control) {
        return Ok(());
    }
    let (low, high) = (length.start(), length.end());
    Err(ApiError::invalid_parameter(
        name,
        format!("`{name}` must have {low} to {high} characters, none of them a control character."),
    ))
}

fn number(name: &str, value: Option<u32>, range: &RangeInclusive<u32>) -> Result<(), ApiError> {
    match value {
        Some(value) if !range.contains(&value) => {
            let (low, high) = (range.start(), range.end());
            Err(ApiError::invalid_parameter(
                name,
                format!("`{name}` must be from {low} to {high}, not {value}."),
            ))
        }
        _ => Ok(()),
    }
}
