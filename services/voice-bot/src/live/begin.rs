//! How calls begin.

use super::journal::{Began, Journal};
use super::registry::About;
use super::{lead, prepare};
use crate::address::Client;
use crate::failure;
use crate::state::AppState;
use api::ErrorCode;
use api::calls::{CallStatus, Direction};
use api::ids::{AgentId, CallId, CustomerId, OrganizationId, UserId};
use data_model::{Event, NewCall, Progress, StartedCall};
use pipeline::transport::Ports;
use serde_json::json;
use service::{ApiError, ApiResult};
use std::time::Duration;
use time::OffsetDateTime;
use tracing::Instrument as _;

/// When to come back when there are too many calls.
const BUSY: Duration = Duration::from_secs(5);

/// A call that is to begin.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// Who speaks for the organization.
    pub agent: AgentId,
    /// Whose call it is.
    pub organization: OrganizationId,
    /// With whom; none: whoever has the number at the other end.
    pub customer: Option<CustomerId>,
    /// Who asked for it.
    pub started_by: Option<UserId>,
    /// Who called whom.
    pub direction: Direction,
    /// Who calls, E.164.
    pub from_number: Option<String>,
    /// Who is called, E.164.
    pub to_number: Option<String>,
    /// The call's row, where there is one already; a new one is written else.
    pub call: Option<CallId>,
    /// The telephone company's id, for a new row.
    pub provider_call_id: Option<String>,
    /// Samples a second on the line: 24000, or 8000 on the telephone.
    pub rate: u32,
    /// From where, for the audit log.
    pub client: Client,
}

/// See [`super::Live::begin`].
pub async fn begin(state: &AppState, beginning: Beginning, ports: Ports) -> ApiResult<CallId> {
    // On its own: whoever goes away now must not leave a call half-begun.
    let trace = service::trace::task("call");
    let begun = begun(state.clone(), beginning, ports).instrument(trace);
    let begun = tokio::spawn(begun);
    begun.await.map_err(ApiError::internal)?
}

async fn begun(state: AppState, beginning: Beginning, ports: Ports) -> ApiResult<CallId> {
    let guard = state.drain.guard();
    if state.drain.is_draining() {
        let message = "The service is shutting down; call again in a moment.";
        return Err(ApiError::new(ErrorCode::NotReady, message).with_retry_after(BUSY));
    }
    let slot = state.live.registry.slot().ok_or_else(|| {
        let message = "There are as many calls as MAX_CALLS allows; try again in a moment.";
        ApiError::new(ErrorCode::Overloaded, message).with_retry_after(BUSY)
    })?;
    let tenant = state.database.tenant(beginning.organization);
    let agent = tenant.agent(beginning.agent).await;
    let agent = agent.map_err(failure::of("agent"))?;
    let customer = prepare::customer(
        tenant,
        beginning.customer,
        beginning.direction,
        beginning.from_number.as_deref(),
        beginning.to_number.as_deref(),
    );
    let customer = customer.await.map_err(failure::of("customer"))?;
    let id = row(&state, &beginning, customer.as_ref().map(|c| c.id)).await?;
    let at = OffsetDateTime::now_utc();
    let about = About {
        id,
        organization: beginning.organization,
        agent: agent.id,
        agent_name: agent.name.clone(),
        customer: customer.as_ref().map(|customer| customer.id),
        direction: beginning.direction,
        from_number: beginning.from_number,
        to_number: beginning.to_number,
        answered_at: at,
    };
    let Some((active, controlled)) = state.live.registry.add(about, slot) else {
        let message = "This call is being led already.";
        return Err(ApiError::new(ErrorCode::Conflict, message));
    };
    let mut settings = prepare::settings(
        &state.config,
        &state.sealer,
        beginning.organization,
        id,
        &agent,
        customer.as_ref(),
        beginning.rate,
    );
    let trace = tracing::Span::current();
    service::trace::carry(&trace, &mut settings.headers);
    let began = Began {
        organization: beginning.organization,
        at,
        language: agent.language,
    };
    let (folder, first) = (state.live.journals.clone(), began.clone());
    let sealer = state.sealer.clone();
    let begun = move || Journal::begin(&folder, id, first, sealer);
    let journal = tokio::task::spawn_blocking(begun).await;
    let journal = match journal.map_err(std::io::Error::other).flatten() {
        Ok(journal) => Some(journal),
        Err(error) => {
            tracing::error!(call = %id, %error, "DATA_DIR/outbox cannot be written; only the database has what is said in this call");
            None
        }
    };
    let call = lead::Call {
        active,
        settings,
        ports,
        controlled,
        journal,
        began,
    };
    tokio::spawn(lead::lead(state.clone(), call, guard).instrument(trace));
    Ok(id)
}

/// The call's row, which says from now on that they talk.
async fn row(
    state: &AppState,
    beginning: &Beginning,
    customer: Option<CustomerId>,
) -> ApiResult<CallId> {
    let tenant = state.database.tenant(beginning.organization);
    let id = match beginning.call {
        Some(id) => id,
        None => {
            let id: CallId = data_model::new_id();
            let new = NewCall {
                id,
                agent: beginning.agent,
                customer,
                started_by: beginning.started_by,
                direction: beginning.direction,
                from_number: beginning.from_number.clone(),
                to_number: beginning.to_number.clone(),
                metadata: json!({}),
                idempotency: None,
            };
            let event = Event {
                user: beginning.started_by,
                organization: Some(beginning.organization),
                action: "call.started",
                ip: beginning.client.ip,
                user_agent: beginning.client.user_agent.clone(),
                details: Some(json!({ "call_id": id })),
            };
            match tenant.start_call(&new, &event).await {
                Ok(StartedCall::New(call)) => call.id,
                Ok(_) => return Err(ApiError::internal("a new call was there before")),
                Err(error) => return Err(failure::of("agent or customer")(error)),
            }
        }
    };
    let progress = Progress {
        status: Some(CallStatus::InProgress),
        provider_call_id: beginning.provider_call_id.clone(),
        ..Progress::default()
    };
    let call = tenant.advance_call(id, &progress).await;
    let call = call.map_err(failure::of("call"))?;
    if call.status.is_over() {
        let message = "The call is over already.";
        return Err(ApiError::new(ErrorCode::Conflict, message));
    }
    Ok(id)
}
