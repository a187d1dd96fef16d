//! Calls that are over and not settled: the database was away, or the process that led them died.

use super::journal::{Ended, Journal, Story};
use super::prepare::recording_stem;
use super::settle::{self, Outcome};
use super::tally::Tally;
use crate::state::AppState;
use api::ids::CallId;
use pipeline::{CallEvent, Segment};
use sealing::Sealer;
use std::io;
use std::path::Path;
use std::time::Duration;

/// How often journals are looked for without a reason.
const LOOK: Duration = Duration::from_secs(60);
/// How soon they are looked for again while some are left.
const SOON: Duration = Duration::from_secs(3);
/// Endings of recordings.
const ENDINGS: [&str; 2] = ["wav", "opus"];

/// Settles what was left, for as long as the service runs.
pub async fn keep_settled(state: AppState) {
    let work = async {
        loop {
            let rest = match state.database_ready().await {
                Ok(()) => match round(&state).await {
                    0 => LOOK,
                    _ => SOON,
                },
                Err(_) => SOON,
            };
            let _ = tokio::time::timeout(rest, state.live.unsettled.notified()).await;
        }
    };
    tokio::select! {
        () = work => (),
        () = state.drain.started() => (),
    }
}

/// Tries all that wait. How many are left for later.
async fn round(state: &AppState) -> usize {
    let folder = state.live.journals.clone();
    let calls = match tokio::task::spawn_blocking(move || Journal::list(&folder)).await {
        Ok(Ok(calls)) => calls,
        failed => {
            tracing::error!(?failed, "DATA_DIR/outbox/calls cannot be read");
            return 1;
        }
    };
    let mut left = 0;
    for call in calls {
        if state.live.registry.get(call).is_some() {
            continue;
        }
        match settle(state, call).await {
            Ok(true) => {}
            Ok(false) => left += 1,
            Err(error) => {
                tracing::error!(%call, %error, "a journal in DATA_DIR/outbox/calls cannot be read");
                left += 1;
            }
        }
    }
    left
}

/// Settles one call; false: later.
async fn settle(state: &AppState, call: CallId) -> io::Result<bool> {
    let folder = state.live.journals.clone();
    let sealer = state.sealer.clone();
    let opened = tokio::task::spawn_blocking(move || Journal::open(&folder, call, sealer)).await;
    let Some((journal, story)) = opened.map_err(io::Error::other).flatten()? else {
        // Somebody else has it, or had it.
        return Ok(true);
    };
    let Some(story) = story else {
        tracing::error!(%call, "a file in DATA_DIR/outbox/calls is no journal; it is in the folder dead there");
        settle::bury(journal).await;
        return Ok(true);
    };
    let recordings = state.config.recordings_dir();
    let sealer = state.sealer.clone();
    let (story, journal) = tokio::task::spawn_blocking(move || {
        let story = ended(story, &journal, call, &recordings, &sealer)?;
        io::Result::Ok((story, journal))
    })
    .await
    .map_err(io::Error::other)
    .flatten()?;
    let Some(ended) = story.ended.clone() else {
        return Ok(true);
    };
    match settle::write(state, call, &story, &ended).await {
        Outcome::Written(written) => {
            tracing::info!(%call, "a call that was left behind is written down");
            settle::finish(state, *written, &story, Some(journal)).await;
        }
        Outcome::Later => return Ok(false),
        Outcome::Gone => settle::drop_journal(journal).await,
        Outcome::Refused => settle::bury(journal).await,
    }
    Ok(true)
}

/// The story with its end; where the process died, it ended with what was written last.
fn ended(
    mut story: Story,
    journal: &Journal,
    call: CallId,
    recordings: &Path,
    sealer: &Sealer,
) -> io::Result<Story> {
    if story.ended.is_some() {
        return Ok(story);
    }
    let at = journal.touched()?.max(story.began.at);
    let mut tally = Tally::default();
    let segments = story.said.iter().cloned();
    let segments = segments.filter_map(|said| serde_json::from_value::<Segment>(said).ok());
    segments.for_each(|segment| tally.note(&CallEvent::Segment { segment }));
    story.ended = Some(Ended {
        reason: None,
        at,
        duration: (at - story.began.at).as_seconds_f64(),
        recording: recording(
            &recording_stem(story.began.organization, call),
            recordings,
            sealer,
        ),
        metadata: tally.metadata(None),
    });
    Ok(story)
}

/// The recording of a call that broke off; it can be played however it ended.
fn recording(stem: &str, recordings: &Path, sealer: &Sealer) -> Option<String> {
    let names = ENDINGS.iter().map(|ending| format!("{stem}.{ending}"));
    let mut names = names.filter(|name| recordings.join(name).is_file());
    let name = names.next()?;
    if let Err(error) = pipeline::recording::repair(&recordings.join(&name), sealer) {
        tracing::warn!(%error, "a recording that broke off cannot be mended");
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::super::journal::{Began, Line};
    use super::*;
    use serde_json::json;
    use time::OffsetDateTime;

    #[test]
    fn a_call_that_broke_off_ends_with_what_was_written_and_its_recording() {
        let folder = tempfile::tempdir().unwrap();
        let call = data_model::new_id();
        let began = Began {
            organization: data_model::new_id(),
            at: OffsetDateTime::now_utc() - Duration::from_secs(60),
            language: "en".into(),
        };
        let mut journal =
            Journal::begin(folder.path(), call, began.clone(), Sealer::none()).unwrap();
        let segment = json!({"speaker": "agent", "text": "Hi.", "start": 0.0, "end": 0.5});
        journal.write(&Line::Said(segment)).unwrap();
        drop(journal);
        let own = recording_stem(began.organization, call);
        std::fs::create_dir_all(folder.path().join(began.organization.to_string())).unwrap();
        std::fs::write(folder.path().join(format!("{own}.wav")), "RIFF").unwrap();
        let (journal, story) = Journal::open(folder.path(), call, Sealer::none())
            .unwrap()
            .unwrap();
        let story = ended(
            story.unwrap(),
            &journal,
            call,
            folder.path(),
            &Sealer::none(),
        )
        .unwrap();
        let ended = story.ended.unwrap();
        assert_eq!(ended.recording, Some(format!("{own}.wav")));
        assert!((50.0..70.0).contains(&ended.duration) && ended.reason.is_none());
        assert_eq!(ended.metadata["turns"], json!({"agent": 1}));
    }
}
