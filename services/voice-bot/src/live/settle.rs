//! What remains to be done once a call is over: its record, its summary, who is told. Each step may
//! be repeated; the journal stays until the last is done.

use super::hub::{Change, LiveEvent, What};
use super::journal::{Ended, Journal, Story};
use super::summary;
use crate::state::AppState;
use api::calls::CallStatus;
use api::ids::CallId;
use data_model::{Ending, Error};
use pipeline::EndReason;
use serde_json::Value;

/// What became of a call's record.
pub enum Outcome {
    /// It is in the database.
    Written(Box<data_model::Call>),
    /// The database is away.
    Later,
    /// The call, or its organization, was deleted.
    Gone,
    /// The database will never take it.
    Refused,
}

/// Writes a call that is over into the database.
pub async fn write(state: &AppState, call: CallId, story: &Story, ended: &Ended) -> Outcome {
    match written(state, call, story, ended).await {
        Ok(call) => Outcome::Written(Box::new(call)),
        Err(Error::NotFound) => Outcome::Gone,
        Err(Error::Unavailable(_)) => Outcome::Later,
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(%call, error, "the record of a call was refused; it is in DATA_DIR/outbox/calls/dead");
            Outcome::Refused
        }
    }
}

async fn written(
    state: &AppState,
    call: CallId,
    story: &Story,
    ended: &Ended,
) -> Result<data_model::Call, Error> {
    let tenant = state.database.tenant(story.began.organization);
    tenant.append_transcript(call, 0, &story.said).await?;
    let (status, error) = verdict(ended.reason, story.said.is_empty());
    let ending = Ending {
        status,
        ended_at: ended.at,
        duration: Some(ended.duration.max(0.0)),
        error: error.map(str::to_owned),
        recording_path: ended.recording.clone(),
        metadata: Value::Object(ended.metadata.clone()),
    };
    tenant.end_call(call, &ending).await
}

/// The summary of a call whose record is written, and who is told; then its journal is done.
pub async fn finish(
    state: &AppState,
    mut call: data_model::Call,
    story: &Story,
    journal: Option<Journal>,
) {
    tell(state, story, call.id);
    if call.summary.is_none() && summary::is_worth_it(&story.said) {
        // What takes a while is done at the next start, where the journal says so.
        let summed = tokio::select! {
            summed = summary::summarise(state, &call, story) => summed,
            () = state.drain.started(), if journal.is_some() => return,
        };
        if let Some(summed) = summed {
            call = summed;
            tell(state, story, call.id);
        }
    }
    if let Some(webhook) = &state.live.webhook
        && !webhook.ended(story.began.organization, call).await
    {
        // Not even on disk: tried again from the journal.
        state.live.unsettled.notify_one();
        return;
    }
    if let Some(journal) = journal {
        drop_journal(journal).await;
    }
}

/// How a call ended, as its status has it, and why it failed.
fn verdict(reason: Option<EndReason>, is_silent: bool) -> (CallStatus, Option<&'static str>) {
    let error = match reason {
        None => "the service ended during the call",
        Some(EndReason::Failed) => "a part of the gateway failed and did not come back",
        Some(EndReason::ConnectionLost) => "the connection was lost",
        Some(_) => return (CallStatus::Completed, None),
    };
    match is_silent {
        true => (CallStatus::Failed, Some(error)),
        false => (CallStatus::Completed, Some(error)),
    }
}

fn tell(state: &AppState, story: &Story, call_id: CallId) {
    let event = LiveEvent {
        call_id,
        number: None,
        what: What::Record(Change::Updated),
    };
    state.live.hub.tell(story.began.organization, event);
}

/// A journal whose call is done.
pub async fn drop_journal(journal: Journal) {
    let done = tokio::task::spawn_blocking(move || journal.done()).await;
    if let Err(error) = done.map_err(std::io::Error::other).flatten() {
        tracing::error!(%error, "DATA_DIR/outbox/calls cannot be tidied up");
    }
}

/// A journal that nobody can use.
pub async fn bury(journal: Journal) {
    let buried = tokio::task::spawn_blocking(move || journal.bury()).await;
    if let Err(error) = buried.map_err(std::io::Error::other).flatten() {
        tracing::error!(%error, "DATA_DIR/outbox/calls cannot be tidied up");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_in_which_somebody_spoke_was_completed_however_it_broke_off() {
        let status = |reason, silent| verdict(reason, silent).0;
        let lost = Some(EndReason::ConnectionLost);
        assert_eq!(status(Some(EndReason::HungUp), true), CallStatus::Completed);
        assert_eq!(status(lost, true), CallStatus::Failed);
        assert_eq!(status(lost, false), CallStatus::Completed);
        assert_eq!(status(None, true), CallStatus::Failed);
        assert!(verdict(None, false).1.is_some());
    }
}
