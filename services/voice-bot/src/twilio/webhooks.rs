//! What Twilio tells about calls: `POST /api/calls/twilio-status` and `/api/calls/twilio-amd`.
//!
//! Nobody is signed in here; the signature says who speaks. Twilio may say things late, twice or in
//! the wrong order, and of calls that are gone: all of this is answered with 204.

use super::form::Form;
use super::is_sid;
use crate::failure;
use crate::openapi::{BodyFailures, Failures};
use crate::state::AppState;
use api::ErrorEnvelope;
use api::ids::CallId;
use axum::body::Body;
use axum::extract::State;
use data_model::{Error, Progress};
use http::{HeaderMap, StatusCode, Uri};
use pipeline::Control;
use service::ApiResult;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(status))
        .routes(routes!(machine))
}

/// Twilio tells how a call goes. Signed with `X-Twilio-Signature`.
#[utoipa::path(post, path = "/api/calls/twilio-status", tag = "Calls",
    params(("call" = Option<String>, Query, description = "Our id of the call, as Twilio was given it")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 204, description = "Noted, or nothing to note"),
        (status = 403, body = ErrorEnvelope, description = "`invalid_signature`, `origin_not_allowed`"),
        BodyFailures, Failures))]
async fn status(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<StatusCode> {
    let form = Form::read(&state, &uri, &headers, body).await?;
    let progress = Progress {
        status: form.get("CallStatus").and_then(|word| word.parse().ok()),
        duration: form.get("CallDuration").and_then(seconds),
        answered_by: form.answered_by(),
        error: form.failure(),
        ..Progress::default()
    };
    note(&state, &form, progress).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Twilio tells whether a person or a machine answered. Signed with `X-Twilio-Signature`.
#[utoipa::path(post, path = "/api/calls/twilio-amd", tag = "Calls",
    params(("call" = Option<String>, Query, description = "Our id of the call, as Twilio was given it")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 204, description = "Noted, or nothing to note"),
        (status = 403, body = ErrorEnvelope, description = "`invalid_signature`, `origin_not_allowed`"),
        BodyFailures, Failures))]
async fn machine(
    State(state): State<AppState>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<StatusCode> {
    let form = Form::read(&state, &uri, &headers, body).await?;
    let progress = Progress {
        answered_by: form.answered_by(),
        ..Progress::default()
    };
    let call = note(&state, &form, progress).await?;
    if let (Some(call), Some(word)) = (call, form.answered_by()) {
        leave_voicemail(&state, call, &word);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Nobody talks with a machine: where one answered, the agent's message is left, or nothing said,
/// and the call ends.
pub(super) fn leave_voicemail(state: &AppState, call: CallId, answered_by: &str) {
    if !answered_by.starts_with("machine") && answered_by != "fax" {
        return;
    }
    if let Some(control) = state.live.control(call) {
        // Full or closed: it is ending already.
        let _ = control.try_send(Control::Voicemail);
    }
}

/// Writes down what Twilio said about a call, if there is such a call; its id.
async fn note(state: &AppState, form: &Form, mut progress: Progress) -> ApiResult<Option<CallId>> {
    let Some(sid) = form.get("CallSid").filter(|sid| is_sid(sid)) else {
        tracing::warn!("a webhook of Twilio names no call");
        return Ok(None);
    };
    progress.provider_call_id = Some(sid.to_owned());
    let call = match state.database.provider_call(sid, form.call).await {
        Ok(call) => call,
        Err(Error::NotFound) => {
            tracing::warn!("a webhook of Twilio names a call that is not here");
            return Ok(None);
        }
        Err(error) => return Err(failure::of("call")(error)),
    };
    let tenant = state.database.tenant(call.organization_id);
    match tenant.advance_call(call.id, &progress).await {
        Ok(call) => Ok(Some(call.id)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(failure::of("call")(error)),
    }
}

fn seconds(text: &str) -> Option<f64> {
    text.parse::<u32>().ok().map(f64::from)
}
