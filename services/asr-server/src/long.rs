//! `POST /transcribe/long`: as `/transcribe`, and with server-sent events while it works.

use crate::admission::Place;
use crate::openapi::Failures;
use crate::options::{Options, Parsed};
use crate::pipeline::{Event, Input};
use crate::sse::{self, Events};
use crate::state::AppState;
use crate::{answer, transcribe, work};
use api::parameters::TranscribeForm;
use api::recognition::{LongEvent, Transcript};
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, header};
use service::ApiResult;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

/// Pipeline events on their way to be written.
const BETWEEN: usize = 16;

/// Transcribe a long recording
///
/// The same answer as `/transcribe`. With `Accept: text/event-stream` the segments come as they
/// are recognised, between events of progress: `progress`, `segment`, `done` with the whole
/// answer, or `error` with the envelope.
#[utoipa::path(post, path = "/transcribe/long", tag = "Recognition",
    request_body(content = TranscribeForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The transcript, or events",
            content((Transcript = "application/json"), (LongEvent = "text/event-stream"))),
        Failures))]
pub async fn long(State(state): State<AppState>, request: Request) -> ApiResult<Response> {
    let streamed = wants_events(request.headers());
    let (input, parsed, began) = transcribe::receive(&state, request).await?;
    if !streamed {
        let format = parsed.options.format;
        return Ok(work::transcribe(&state, input, parsed, began)
            .await?
            .respond(format));
    }
    // Refused with a status, not with an event.
    let place = Arc::new(state.admission.enter().await?);
    Ok(sse::respond(move |events| {
        tell(state, place, input, parsed, began, events)
    }))
}

/// Transcribes, telling of every step.
async fn tell(
    state: AppState,
    place: Arc<Place>,
    input: Input,
    parsed: Parsed,
    began: Instant,
    events: Events,
) {
    let (sender, mut steps) = mpsc::channel(BETWEEN);
    let options = parsed.options.clone();
    let work = async {
        // The sender goes with the work, so that the steps end.
        let sender = sender;
        work::transcribe_in(&state, place, input, parsed, began, Some(&sender)).await
    };
    let telling = async {
        while let Some(step) = steps.recv().await {
            if !send_step(&events, step, &options).await {
                break;
            }
        }
    };
    // Both to their end: the last steps are told before the outcome.
    let (outcome, ()) = tokio::join!(work, telling);
    match outcome {
        Ok(answer) => {
            let duration = answer.transcript.duration;
            let all = LongEvent::Progress {
                seconds_done: duration,
                duration: Some(duration),
            };
            events.send("progress", &all).await;
            events
                .send(
                    "done",
                    &LongEvent::Done {
                        result: Box::new(answer.transcript),
                    },
                )
                .await;
        }
        Err(error) => {
            events
                .send(
                    "error",
                    &LongEvent::Error {
                        error: error.envelope(),
                    },
                )
                .await;
        }
    }
}

async fn send_step(events: &Events, step: Event, options: &Options) -> bool {
    match step {
        Event::Progress(seconds_done) => {
            let event = LongEvent::Progress {
                seconds_done: answer::seconds(seconds_done),
                duration: None,
            };
            events.send("progress", &event).await
        }
        Event::Segment(recognised) => {
            let segment = answer::segment(&recognised, options);
            events
                .send("segment", &LongEvent::Segment { segment })
                .await
        }
    }
}

/// Whether `Accept` names event streams.
fn wants_events(headers: &HeaderMap) -> bool {
    let mut accepted = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.to_ascii_lowercase().contains("text/event-stream"))
}
