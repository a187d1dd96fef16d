//! `/api/calls`: what was said, and calls that are made and ended.

mod active;
mod events;
mod hangup;
mod list;
pub mod lookup;
mod one;
mod range;
mod recording;
pub mod remains;
mod socket;
mod start;

use crate::address::Client;
use crate::failure;
use crate::session::Member;
use crate::state::AppState;
use api::calls::{Call, CallItem};
use api::ids::CallId;
use data_model::Event;
use serde_json::{Value, json};
use service::ApiResult;
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;

/// How often calls are looked for that were never dialled.
const SWEEP: Duration = Duration::from_secs(60);
/// After this time, dialling has ended one way or the other.
const FORGOTTEN: Duration = Duration::from_secs(300);
/// No call lasts longer: four hours, and time to end.
const LONGEST: Duration = Duration::from_secs(5 * 3600);

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(list::routes())
        .merge(active::routes())
        .merge(events::routes())
        .merge(start::routes())
        .merge(one::routes())
        .merge(recording::routes())
        .merge(hangup::routes())
        .merge(socket::routes())
}

/// Ends calls that a process wrote down and died before dialling, or while leading them without
/// leaving a journal. Never returns.
pub async fn keep_swept(state: AppState) {
    loop {
        tokio::time::sleep(SWEEP).await;
        match state.database.fail_forgotten_calls(FORGOTTEN).await {
            Ok(0) => {}
            Ok(calls) => tracing::warn!(calls, "calls were never dialled"),
            Err(error) => tracing::debug!(%error, "forgotten calls were not looked for"),
        }
        match state.database.end_forgotten_calls(LONGEST).await {
            Ok(0) => {}
            Ok(calls) => tracing::warn!(calls, "calls were never ended"),
            Err(error) => tracing::debug!(%error, "forgotten calls were not looked for"),
        }
    }
}

/// In HIPAA mode, writes down who read what was said before they get it.
pub(crate) async fn audit_reading(
    state: &AppState,
    member: &Member,
    client: Client,
    action: &'static str,
    details: Value,
) -> ApiResult<()> {
    if !state.config.common.hipaa_mode {
        return Ok(());
    }
    audit(state, member, client, action, details).await
}

async fn audit(
    state: &AppState,
    member: &Member,
    client: Client,
    action: &'static str,
    details: Value,
) -> ApiResult<()> {
    let written = state
        .database
        .audit(&event(member, client, action, details))
        .await;
    written.map_err(failure::of("audit log"))
}

fn event(member: &Member, client: Client, action: &'static str, details: Value) -> Event {
    Event {
        user: Some(member.person.user_id),
        organization: Some(member.organization),
        action,
        ip: client.ip,
        user_agent: client.user_agent,
        details: Some(details),
    }
}

fn named(id: CallId) -> Value {
    json!({ "call_id": id })
}

fn item(call: data_model::CallItem) -> CallItem {
    CallItem {
        id: call.id,
        agent_id: call.agent_id,
        customer_id: call.customer_id,
        direction: call.direction,
        status: call.status,
        from_number: call.from_number,
        to_number: call.to_number,
        answered_by: call.answered_by,
        excerpt: call.excerpt,
        has_recording: call.has_recording,
        duration: call.duration,
        created_at: call.created_at,
        answered_at: call.answered_at,
        ended_at: call.ended_at,
    }
}

/// `prefix`: what the gateway took off the path.
pub(crate) fn whole(call: data_model::Call, prefix: &str) -> Call {
    let has_recording = call.recording_path.is_some();
    let transcript = match call.transcript {
        Value::Array(segments) => segments,
        _ => Vec::new(),
    };
    Call {
        recording_url: has_recording.then(|| format!("{prefix}/api/calls/{}/recording", call.id)),
        item: CallItem {
            id: call.id,
            agent_id: call.agent_id,
            customer_id: call.customer_id,
            direction: call.direction,
            status: call.status,
            from_number: call.from_number,
            to_number: call.to_number,
            answered_by: call.answered_by,
            excerpt: call.excerpt,
            has_recording,
            duration: call.duration,
            created_at: call.created_at,
            answered_at: call.answered_at,
            ended_at: call.ended_at,
        },
        started_by: call.started_by,
        provider_call_id: call.provider_call_id,
        transcript,
        metadata: crate::listing::object(call.metadata),
        summary: call.summary,
        error: call.error,
        updated_at: call.updated_at,
    }
}
