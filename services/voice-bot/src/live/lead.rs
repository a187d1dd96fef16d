//! One call from its beginning to its record.

use super::hub::{Change, LiveEvent, What};
use super::journal::{Began, Ended, Journal, Line, Story};
use super::record::Record;
use super::registry::Active;
use super::settle::{self, Outcome};
use super::tally::Tally;
use crate::state::AppState;
use pipeline::transport::Ports;
use pipeline::{CallEvent, CallSettings, Control, EndReason};
use serde_json::json;
use service::DrainGuard;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use time::OffsetDateTime;
use tokio::sync::mpsc;

/// Events that wait for being written down.
const EVENTS: usize = 256;

/// A call that is to be led.
pub struct Call {
    /// What others know of it.
    pub active: Arc<Active>,
    /// How it is led.
    pub settings: CallSettings,
    /// Its end of the line.
    pub ports: Ports,
    /// What it hears control by.
    pub controlled: mpsc::Receiver<Control>,
    /// Where it is kept first.
    pub journal: Option<Journal>,
    /// As the journal has it.
    pub began: Began,
}

/// Leads a call until it is over and written down.
pub async fn lead(state: AppState, call: Call, guard: DrainGuard) {
    let (active, began) = (call.active, call.began);
    let record = Arc::new(Record::new(active.organization, active.id, call.journal));
    let writer = tokio::spawn(record.clone().keep_written(state.clone()));
    tracing::info!(call = %active.id, agent = %active.agent, direction = %active.direction, "a call begins");
    tell(&state, &active, None, What::Record(Change::Started));
    let start = Instant::now();
    let (events, told) = mpsc::channel(EVENTS);
    let services = state.live.services.clone();
    // A task of its own: should it panic, what was said is kept nevertheless.
    let run = pipeline::run(call.settings, services, call.ports, call.controlled, events);
    let run = tokio::spawn(run);
    if let Some(webhook) = &state.live.webhook {
        webhook.started(&active).await;
    }
    let tally = follow(&state, &active, &record, told).await;
    let over = run.await;
    writer.abort();
    let (reason, duration, recording) = match over {
        Ok(ended) => (ended.reason, ended.duration, ended.recording),
        Err(error) => {
            tracing::error!(call = %active.id, %error, "a call broke down");
            (EndReason::Failed, start.elapsed(), None)
        }
    };
    let ended = Ended {
        reason: Some(reason),
        at: OffsetDateTime::now_utc(),
        duration: duration.as_secs_f64(),
        recording: recording.and_then(|path| below(&state, &path)),
        metadata: tally.metadata(Some(reason)),
    };
    tracing::info!(call = %active.id, reason = %json!(reason), seconds = duration.as_secs_f64(), "a call is over");
    metrics::counter!("calls_total", "direction" => active.direction.as_str(), "reason" => name(reason)).increment(1);
    record.write(Line::Ended(ended.clone())).await;
    let story = Story {
        began,
        said: record.said(),
        ended: Some(ended.clone()),
    };
    let outcome = settle::write(&state, active.id, &story, &ended).await;
    state.live.registry.remove(active.id);
    active.over.send_replace(true);
    match (outcome, record.take_journal()) {
        (Outcome::Written(call), journal) => {
            settle::finish(&state, *call, &story, journal).await;
        }
        (Outcome::Later, Some(journal)) => {
            tracing::warn!(call = %active.id, "the database does not take a call; it is kept in DATA_DIR/outbox/calls");
            drop(journal);
            state.live.unsettled.notify_one();
        }
        (Outcome::Later, None) => {
            tracing::error!(call = %active.id, "neither the database nor DATA_DIR/outbox takes how a call ended");
        }
        (Outcome::Gone, Some(journal)) => settle::drop_journal(journal).await,
        (Outcome::Refused, Some(journal)) => settle::bury(journal).await,
        (Outcome::Gone | Outcome::Refused, None) => {}
    }
    drop(guard);
}

/// Everything that happens, until the call is over.
async fn follow(
    state: &AppState,
    active: &Arc<Active>,
    record: &Record,
    mut told: mpsc::Receiver<CallEvent>,
) -> Tally {
    let mut tally = Tally::default();
    while let Some(event) = told.recv().await {
        let number = active.note(&event);
        tally.note(&event);
        tell(state, active, number, What::Call(event.clone()));
        match event {
            CallEvent::Segment { segment } => record.add(segment).await,
            CallEvent::Failed { part, why } => {
                tracing::warn!(call = %active.id, part = %json!(part), why, "a part of a call fails");
            }
            _ => {}
        }
    }
    tally
}

fn tell(state: &AppState, active: &Active, number: Option<usize>, what: What) {
    let event = LiveEvent {
        call_id: active.id,
        number,
        what,
    };
    state.live.hub.tell(active.organization, event);
}

/// A recording as the database names it.
fn below(state: &AppState, path: &Path) -> Option<String> {
    let path = path.strip_prefix(state.config.recordings_dir()).ok()?;
    path.to_str().map(str::to_owned)
}

fn name(reason: EndReason) -> String {
    let name = serde_json::to_value(reason).unwrap_or_default();
    name.as_str().unwrap_or("other").to_owned()
}
