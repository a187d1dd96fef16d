//! `POST /transcribe/long`: as `/transcribe`, and with server-sent events while it works.

use crate::openapi::Failures;
use crate::pipeline::Event;
use crate::state::AppState;
use crate::{answer, sse, transcribe, work};
use api::parameters::TranscribeForm;
use api::recognition::{LongEvent, Transcript};
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, header};
use service::ApiResult;
use std::sync::Arc;
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
    let format = parsed.options.format;
    if !streamed {
        return Ok(work::transcribe(&state, input, parsed, began)
            .await?
            .respond(format));
    }
    // Refused with a status, not with an event.
    let place = Arc::new(state.admission.enter().await?);
    Ok(sse::respond(move |events| async move {
        let (sender, mut receiver) = mpsc::channel(BETWEEN);
        let options = parsed.options.clone();
        let work = work::transcribe_in(&state, place, input, parsed, began, Some(&sender));
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                Some(event) = receiver.recv() => {
                    let (name, event) = match event {
                        Event::Progress(seconds_done) => ("progress", LongEvent::Progress { seconds_done, duration: None }),
                        Event::Segment(recognised) => ("segment", LongEvent::Segment { segment: answer::segment(&recognised, &options) }),
                    };
                    if !events.send(name, &event).await {
                        return;
                    }
                }
                result = &mut work => {
                    // What is still on its way goes first.
                    receiver.close();
                    while let Some(event) = receiver.recv().await {
                        if let Event::Segment(recognised) = event {
                            let segment = answer::segment(&recognised, &options);
                            events.send("segment", &LongEvent::Segment { segment }).await;
                        }
                    }
                    match result {
                        Ok(answer) => {
                            let duration = answer.transcript.duration;
                            let progress = LongEvent::Progress { seconds_done: duration, duration: Some(duration) };
                            events.send("progress", &progress).await;
                            events.send("done", &LongEvent::Done { result: Box::new(answer.transcript) }).await;
                        }
                        Err(error) => {
                            events.send("error", &LongEvent::Error { error: error.envelope() }).await;
                        }
                    }
                    return;
                }
            }
        }
    }))
}

/// Whether `Accept` names event streams.
pub fn wants_events(headers: &HeaderMap) -> bool {
    let mut accepted = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.to_ascii_lowercase().contains("text/event-stream"))
}
