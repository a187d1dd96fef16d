//! What Twilio tells about calls: `POST /api/calls/twilio-status` and `/api/calls/twilio-amd`.
//!
//! Nobody is signed in here; the signature says who speaks. Twilio may say things late, twice or in
//! the wrong order, and of calls that are gone: all of this is answered with 204.

use super::is_sid;
use super::signature::is_signed;
use crate::failure;
use crate::openapi::{BodyFailures, Failures};
use crate::state::AppState;
use api::calls::CallStatus;
use api::ids::CallId;
use api::{ErrorCode, ErrorEnvelope};
use axum::body::Body;
use axum::extract::State;
use data_model::{Error, Progress};
use http::{HeaderMap, StatusCode, Uri, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use service::{ApiError, ApiResult};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Most bytes of a form.
const MAX_FORM: usize = 64 * 1024;
/// Most fields of a form.
const MAX_FIELDS: usize = 200;

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
    note(&state, &form, progress).await
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
    note(&state, &form, progress).await
}

/// Writes down what Twilio said about a call, if there is such a call.
async fn note(state: &AppState, form: &Form, mut progress: Progress) -> ApiResult<StatusCode> {
    let Some(sid) = form.get("CallSid").filter(|sid| is_sid(sid)) else {
        tracing::warn!("a webhook of Twilio names no call");
        return Ok(StatusCode::NO_CONTENT);
    };
    progress.provider_call_id = Some(sid.to_owned());
    let call = match state.database.provider_call(sid, form.call).await {
        Ok(call) => call,
        Err(Error::NotFound) => {
            tracing::warn!("a webhook of Twilio names a call that is not here");
            return Ok(StatusCode::NO_CONTENT);
        }
        Err(error) => return Err(failure::of("call")(error)),
    };
    let tenant = state.database.tenant(call.organization_id);
    match tenant.advance_call(call.id, &progress).await {
        Ok(_) | Err(Error::NotFound) => Ok(StatusCode::NO_CONTENT),
        Err(error) => Err(failure::of("call")(error)),
    }
}

/// A form that Twilio signed.
struct Form {
    /// Our id of the call, from the address.
    call: Option<CallId>,
    fields: Vec<(String, String)>,
}

impl Form {
    async fn read(state: &AppState, uri: &Uri, headers: &HeaderMap, body: Body) -> ApiResult<Self> {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let kind = header(header::CONTENT_TYPE).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let message = "The body must be `application/x-www-form-urlencoded`.";
            return Err(ApiError::new(ErrorCode::UnsupportedMediaType, message));
        }
        let bytes = match Limited::new(body, MAX_FORM).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => {
                return Err(ApiError::body_too_large(MAX_FORM as u64));
            }
            Err(error) => return Err(ApiError::from_body(error)),
        };
        let pairs = form_urlencoded::parse(&bytes).into_owned();
        let fields: Vec<(String, String)> = pairs.take(MAX_FIELDS).collect();
        let claimed = headers.get("x-twilio-signature");
        let claimed = claimed.and_then(|value| value.to_str().ok());
        check(state, uri, &fields, claimed)?;
        let query = uri.query().unwrap_or_default();
        let call = form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| name == "call")
            .and_then(|(_, id)| id.parse().ok());
        Ok(Form { call, fields })
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str())
    }

    /// `human`, `machine_start`, `fax` and the like.
    fn answered_by(&self) -> Option<String> {
        let word = self.get("AnsweredBy")?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        ((1..=64).contains(&word.len()) && word.bytes().all(plain)).then(|| word.to_owned())
    }

    /// Why the call failed, as far as Twilio tells.
    fn failure(&self) -> Option<String> {
        let status: CallStatus = self.get("CallStatus")?.parse().ok()?;
        if status != CallStatus::Failed {
            return None;
        }
        let code = self
            .get("ErrorCode")
            .or_else(|| self.get("SipResponseCode"));
        let code = code.filter(|code| code.len() <= 8 && code.bytes().all(|b| b.is_ascii_digit()));
        Some(match code {
            Some(code) => format!("the call failed (Twilio's code {code})"),
            None => "the call failed".to_owned(),
        })
    }
}

/// 403 unless Twilio signed this request for the address at which it knows us.
fn check(
    state: &AppState,
    uri: &Uri,
    fields: &[(String, String)],
    claimed: Option<&str>,
) -> ApiResult<()> {
    let config = &state.config;
    if config.twilio.twilio_skip_signature {
        return Ok(());
    }
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let url = format!(
        "{}/bot{path}",
        config.public_url.trim().trim_end_matches('/')
    );
    let signed = config
        .twilio
        .auth_token()
        .zip(claimed)
        .is_some_and(|(token, claimed)| is_signed(token, &url, fields, claimed));
    if signed {
        return Ok(());
    }
    let message = "X-Twilio-Signature is missing or wrong: it must be made with TWILIO_AUTH_TOKEN for the address at PUBLIC_URL.";
    Err(ApiError::new(ErrorCode::InvalidSignature, message))
}

fn seconds(text: &str) -> Option<f64> {
    text.parse::<u32>().ok().map(f64::from)
}
