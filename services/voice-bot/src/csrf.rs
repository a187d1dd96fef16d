//! Requests that change something must not come from other people's pages: their `Origin`, where a
//! browser sends one, must be ours, and what they bring must be JSON, which no plain form can send.

use crate::state::AppState;
use api::ErrorCode;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{Method, header};
use service::ApiError;

/// Refuses what another site could have sent.
pub async fn check(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let origin = request.headers().get(header::ORIGIN);
    if !safe && origin.is_some_and(|origin| !state.origins.contains(origin)) {
        let message = "This page may not call here: its origin is not one of FRONTEND_URL.";
        return ApiError::new(ErrorCode::OriginNotAllowed, message).into_response();
    }
    next.run(request).await
}
