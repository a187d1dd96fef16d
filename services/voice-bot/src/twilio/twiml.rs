//! `/api/twiml/{agent_id}`: what Twilio is to do with a call: connect it to a media stream of ours.
//!
//! Twilio may ask twice; the call is the same and each stream has a token of its own.

use super::form::Form;
use super::is_sid;
use super::media::stream_address;
use super::tickets::Ticket;
use crate::failure;
use crate::openapi::{BodyFailures, Failures};
use crate::state::AppState;
use api::ErrorEnvelope;
use api::calls::CallStatus;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use data_model::{Answering, Call, Error, Event, ReceivedCall};
use http::{HeaderMap, Uri, header};
use serde_json::json;
use service::{ApiError, ApiResult, Path};
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const HANG_UP: &str = "<Hangup/>";
const BUSY: &str = "<Reject reason=\"busy\"/>";

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(instructions, instructions_by_get))
}

/// Twilio asks what to do with a call. Signed with `X-Twilio-Signature`.
#[utoipa::path(post, path = "/api/twiml/{agent_id}", tag = "Calls",
    params(("agent_id" = String, Path, description = "The agent that answers, or the number (E.164) that it answers; `number`: that which was called"),
        ("call" = Option<String>, Query, description = "Our id of the call, where we asked for it")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "TwiML: `<Connect><Stream>` with a token that is good once and for a minute", content_type = "text/xml", body = String),
        (status = 403, body = ErrorEnvelope, description = "`invalid_signature`, `origin_not_allowed`"),
        (status = 404, body = ErrorEnvelope, description = "`not_found`: no such agent or call"),
        BodyFailures, Failures))]
async fn instructions(
    State(state): State<AppState>,
    Path(agent): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let form = Form::read(&state, &uri, &headers, body).await?;
    instruct(&state, &agent, &form).await
}

/// The same, for numbers that are set up to ask with GET.
#[utoipa::path(get, path = "/api/twiml/{agent_id}", tag = "Calls",
    params(("agent_id" = String, Path, description = "As with POST"),
        ("call" = Option<String>, Query, description = "As with POST"),
        ("CallSid" = Option<String>, Query, description = "Twilio's id of the call"),
        ("From" = Option<String>, Query, description = "Who calls"),
        ("To" = Option<String>, Query, description = "Who is called")),
    responses((status = 200, description = "As with POST", content_type = "text/xml", body = String),
        (status = 403, body = ErrorEnvelope, description = "`invalid_signature`"),
        (status = 404, body = ErrorEnvelope, description = "`not_found`: no such agent or call"),
        Failures))]
async fn instructions_by_get(
    State(state): State<AppState>,
    Path(agent): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let form = Form::of_query(&state, &uri, &headers)?;
    instruct(&state, &agent, &form).await
}

async fn instruct(state: &AppState, agent: &str, form: &Form) -> ApiResult<Response> {
    let sid = form.get("CallSid").filter(|sid| is_sid(sid));
    let sid = sid.ok_or_else(|| ApiError::missing_parameter("CallSid"))?;
    let call = match form.call {
        Some(_) => outbound(state, form, sid).await,
        None => inbound(state, agent, form, sid).await,
    };
    let (call, organization) = call?;
    if call.status.is_over() {
        return Ok(twiml(HANG_UP));
    }
    if form.call.is_none() && !state.live.has_room() {
        let busy = data_model::Progress {
            status: Some(CallStatus::Busy),
            error: Some("as many calls went on as MAX_CALLS allows".into()),
            ..data_model::Progress::default()
        };
        let tenant = state.database.tenant(organization);
        let call = tenant.advance_call(call.id, &busy).await;
        call.map_err(failure::of("call"))?;
        return Ok(twiml(BUSY));
    }
    let ticket = Ticket {
        organization,
        agent: call.agent_id,
        call: call.id,
        sid: sid.to_owned(),
    };
    let token = state.tickets.issue(ticket);
    let token = token.ok_or_else(|| ApiError::overloaded(Duration::from_secs(5)))?;
    let url = escaped(&stream_address(&state.config.public_url));
    Ok(twiml(&format!(
        "<Connect><Stream url=\"{url}\"><Parameter name=\"token\" value=\"{token}\"/></Stream></Connect>"
    )))
}

/// The row of a call that we asked for.
async fn outbound(
    state: &AppState,
    form: &Form,
    sid: &str,
) -> ApiResult<(Call, api::ids::OrganizationId)> {
    let found = state.database.provider_call(sid, form.call).await;
    let found = found.map_err(failure::of("call"))?;
    let tenant = state.database.tenant(found.organization_id);
    let progress = data_model::Progress {
        provider_call_id: Some(sid.to_owned()),
        answered_by: form.answered_by(),
        ..data_model::Progress::default()
    };
    let call = tenant.advance_call(found.id, &progress).await;
    Ok((call.map_err(failure::of("call"))?, found.organization_id))
}

/// The row of a call that came in; a new one the first time.
async fn inbound(
    state: &AppState,
    agent: &str,
    form: &Form,
    sid: &str,
) -> ApiResult<(Call, api::ids::OrganizationId)> {
    let answering = answering(state, agent, form).await;
    let answering = answering.map_err(failure::of("agent"))?;
    let organization = answering.organization_id;
    let tenant = state.database.tenant(organization);
    let from = form.number("From");
    let customer = match &from {
        Some(number) => tenant.customer_by_number(number).await,
        None => Ok(None),
    };
    let customer = customer.map_err(failure::of("customer"))?;
    let new = ReceivedCall {
        id: data_model::new_id(),
        agent: answering.id,
        customer: customer.map(|customer| customer.id),
        from_number: from,
        to_number: form.number("To"),
        provider_call_id: sid.to_owned(),
    };
    let event = Event {
        organization: Some(organization),
        action: "call.received",
        details: Some(json!({ "call_id": new.id })),
        ..Event::default()
    };
    let call = tenant.receive_call(&new, &event).await;
    Ok((call.map_err(failure::of("call"))?, organization))
}

/// Who answers: the agent with this id, or that of a number.
async fn answering(state: &AppState, agent: &str, form: &Form) -> Result<Answering, Error> {
    if let Ok(id) = agent.parse() {
        return state.database.answering(id).await;
    }
    let number = match agent {
        "number" => form.number("To"),
        number => crate::input::phone_number("agent_id", number).ok(),
    };
    match number {
        Some(number) => state.database.answering_number(&number).await,
        None => Err(Error::NotFound),
    }
}

fn twiml(verbs: &str) -> Response {
    let xml = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>{verbs}</Response>");
    ([(header::CONTENT_TYPE, "text/xml")], xml).into_response()
}

/// As it stands in an attribute.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
