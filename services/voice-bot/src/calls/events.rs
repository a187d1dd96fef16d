//! `GET /api/calls/events` and `GET /api/calls/{id}/events`: calls as they happen, by server-sent
//! events.

use super::{audit_reading, named};
use crate::address::Client;
use crate::failure;
use crate::live::{Change, LiveEvent, What};
use crate::openapi::{Failures, SessionFailures};
use crate::session::Member;
use crate::state::AppState;
use api::calls::FollowedCall;
use api::ids::CallId;
use api::{ErrorCode, ErrorEnvelope};
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::stream::unfold;
use http::{HeaderName, HeaderValue, header};
use pipeline::CallEvent;
use serde_json::{Value, json};
use service::{ApiError, ApiResult, Path};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Between signs of life.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// After this time a reader comes back, and shows again who they are.
const LIFE: Duration = Duration::from_secs(15 * 60);
/// When to come back when there are too many readers.
const BUSY: Duration = Duration::from_secs(30);

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(all))
        .routes(routes!(one))
}

/// What happens in all calls of the organization, as server-sent events
///
/// First `ready`; then each event bears its name (`started`, `state`, `interim`, `saying`, `segment`,
/// `dtmf`, `failed`, `recovered`, `ended`, `updated`), and its data is JSON with `call_id` and `type`. The
/// stream ends after 15 minutes; browsers come back by themselves.
#[utoipa::path(get, path = "/api/calls/events", tag = "Calls", security(("session" = [])),
    responses((status = 200, content_type = "text/event-stream", body = FollowedCall),
        (status = 503, body = ErrorEnvelope, description = "`overloaded`: too many listen"), Failures, SessionFailures))]
async fn all(
    State(state): State<AppState>,
    member: Member,
    client: Client,
) -> ApiResult<impl IntoResponse> {
    audit_reading(&state, &member, client, "calls.followed", json!({})).await?;
    let events = state.live.follow(member.organization, None);
    let events = events.ok_or_else(busy)?;
    Ok(stream(
        state,
        Reader::new(events, "ready", json!({"type": "ready"}), None),
    ))
}

/// What happens in one call, as server-sent events
///
/// As those of all calls, but the first is `snapshot`, with what was said so far; the stream ends once the
/// call is over and written down.
#[utoipa::path(get, path = "/api/calls/{id}/events", tag = "Calls", params(("id" = CallId, Path)), security(("session" = [])),
    responses((status = 200, content_type = "text/event-stream", body = FollowedCall),
        (status = 404, body = ErrorEnvelope),
        (status = 409, body = ErrorEnvelope, description = "`conflict`: the call is over already"),
        (status = 503, body = ErrorEnvelope, description = "`overloaded`: too many listen"), Failures, SessionFailures))]
async fn one(
    State(state): State<AppState>,
    member: Member,
    client: Client,
    Path(id): Path<CallId>,
) -> ApiResult<impl IntoResponse> {
    // Followed first, so that nothing is missed between what was and what is to come.
    let events = state.live.follow(member.organization, Some(id));
    let call = member.tenant(&state).call(id).await;
    let call = call.map_err(failure::of("call"))?;
    if call.status.is_over() {
        let message = "The call is over already; GET /bot/api/calls/{id} has what was said.";
        return Err(ApiError::new(ErrorCode::Conflict, message));
    }
    let events = events.ok_or_else(busy)?;
    audit_reading(&state, &member, client, "call.followed", named(id)).await?;
    let live = state.live.call(id);
    let now = live
        .filter(|live| live.organization == member.organization)
        .map(|live| live.now());
    let segments = now.as_ref().map(|now| now.segments.as_slice());
    let segments = segments.unwrap_or_default();
    let snapshot = json!({
        "call_id": id,
        "type": "snapshot",
        "status": call.status,
        "state": now.as_ref().map(|now| now.state),
        "segments": segments,
    });
    let reader = Reader::new(events, "snapshot", snapshot, Some(segments.len()));
    Ok(stream(state, reader))
}

fn busy() -> ApiError {
    let message = "Too many follow the calls of this organization; try again in a moment.";
    ApiError::new(ErrorCode::Overloaded, message).with_retry_after(BUSY)
}

/// What a reader still gets.
struct Reader {
    first: Option<(&'static str, Value)>,
    events: mpsc::Receiver<Arc<LiveEvent>>,
    until: Instant,
    /// Segments of the snapshot, which are not told again.
    told: usize,
    /// One call only, with which it ends.
    is_single: bool,
    /// That call is over; what is still to come is its record.
    is_over: bool,
    is_done: bool,
}

impl Reader {
    fn new(
        events: mpsc::Receiver<Arc<LiveEvent>>,
        name: &'static str,
        data: Value,
        told: Option<usize>,
    ) -> Self {
        Reader {
            first: Some((name, data)),
            events,
            until: Instant::now() + LIFE,
            told: told.unwrap_or_default(),
            is_single: told.is_some(),
            is_over: false,
            is_done: false,
        }
    }

    async fn next(&mut self) -> Option<Event> {
        if let Some((name, data)) = self.first.take() {
            return event(name, &data);
        }
        if self.is_done {
            return None;
        }
        let next = loop {
            let next = tokio::time::timeout_at(self.until, self.events.recv()).await;
            let next = next.ok().flatten()?;
            if next.number.is_none_or(|number| number >= self.told) {
                break next;
            }
        };
        match &next.what {
            What::Call(CallEvent::Ended { .. }) => self.is_over = self.is_single,
            What::Record(Change::Updated) => self.is_done = self.is_over,
            _ => {}
        }
        event(next.name(), &*next)
    }
}

fn event(name: &'static str, data: &impl serde::Serialize) -> Option<Event> {
    Event::default().event(name).json_data(data).ok()
}

fn stream(state: AppState, reader: Reader) -> impl IntoResponse {
    let events = unfold((state, reader), |(state, mut reader)| async move {
        let event = tokio::select! {
            event = reader.next() => event?,
            () = state.drain.started() => return None,
        };
        Some((Ok::<_, Infallible>(event), (state, reader)))
    });
    let heartbeat = KeepAlive::new().interval(HEARTBEAT).text("alive");
    // Proxies such as nginx would keep events back.
    let unbuffered = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    (unbuffered, Sse::new(events).keep_alive(heartbeat))
}
