//! `GET /api/calls/socket`: talks to an agent over a WebSocket with plain sound, for programs and
//! for measuring. docs/calls.md has the messages.

use crate::address::Client;
use crate::failure;
use crate::live::Beginning;
use crate::openapi::{Failures, SessionFailures};
use crate::session::Member;
use crate::state::AppState;
use crate::wire::{self, Upgrade};
use api::calls::Direction;
use api::ids::{AgentId, CustomerId};
use api::{ErrorCode, ErrorEnvelope};
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, header};
use pipeline::transport::pcm::{self, Pcm};
use pipeline::transport::{line, socket};
use serde::Deserialize;
use service::{ApiError, ApiResult, Query, request_id};
use tracing::Instrument;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(talk))
}

/// With whom, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Who answers.
    agent_id: AgentId,
    /// Who calls, where that is known.
    customer_id: Option<CustomerId>,
    /// Samples a second both ways: 8000, 16000, 24000 or 48000.
    #[param(default = 24000)]
    sample_rate: Option<u32>,
}

/// Talks to an agent over a WebSocket
///
/// Binary messages are 16-bit little-endian mono sound: pieces of any size to the agent, 20 ms every
/// 20 ms from it. Text messages are JSON: `started`, what happens in the call and `clear` from it,
/// `hangup`, `dtmf` and `keepalive` to it.
#[utoipa::path(get, path = "/api/calls/socket", tag = "Calls", params(Wanted), security(("session" = [])),
    responses((status = 101, description = "The call has begun"),
        (status = 400, body = ErrorEnvelope, description = "`malformed_request`: not a WebSocket handshake"),
        (status = 403, body = ErrorEnvelope, description = "`origin_not_allowed`"),
        (status = 404, body = ErrorEnvelope, description = "`not_found`: no such agent or customer"),
        (status = 503, body = ErrorEnvelope, description = "`overloaded`: as many calls as `MAX_CALLS` allows"),
        Failures, SessionFailures))]
async fn talk(
    State(state): State<AppState>,
    member: Member,
    client: Client,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
    upgrade: Upgrade,
) -> ApiResult<Response> {
    check_origin(&state, &headers)?;
    let rate = pcm::rate(wanted.sample_rate)
        .map_err(|fault| ApiError::invalid_parameter("sample_rate", fault.message))?;
    let tenant = member.tenant(&state);
    tenant
        .agent(wanted.agent_id)
        .await
        .map_err(failure::of("agent"))?;
    if let Some(customer) = wanted.customer_id {
        tenant
            .customer(customer)
            .await
            .map_err(failure::of("customer"))?;
    }
    let upgrade = wire::accepted(upgrade)?;
    let (line, ports) = line(rate);
    let beginning = Beginning {
        agent: wanted.agent_id,
        organization: member.organization,
        customer: wanted.customer_id,
        started_by: Some(member.person.user_id),
        direction: Direction::Web,
        from_number: None,
        to_number: None,
        call: None,
        provider_call_id: None,
        rate,
        client,
    };
    // Before the handshake is answered, so that a refusal has a status. Should the socket never
    // come, the line is dropped, which ends the call.
    let call = state.live.begin(&state, beginning, ports).await?;
    let request = request_id::current();
    let pcm = Pcm::new(call.to_string(), rate, request.as_str());
    let span = tracing::Span::current();
    Ok(upgrade.on_upgrade(move |open| {
        let (source, sink) = wire::halves(open);
        let driven = socket::drive(source, sink, pcm, line);
        request_id::scope(request, driven).instrument(span)
    }))
}

/// A WebSocket carries cookies whichever page opens it, so that its origin must be ours.
fn check_origin(state: &AppState, headers: &HeaderMap) -> ApiResult<()> {
    let origin = headers.get(header::ORIGIN);
    match origin.is_none_or(|origin| state.origins.contains(origin)) {
        true => Ok(()),
        false => {
            let message = "This page may not call here: its origin is not one of FRONTEND_URL.";
            Err(ApiError::new(ErrorCode::OriginNotAllowed, message))
        }
    }
}
