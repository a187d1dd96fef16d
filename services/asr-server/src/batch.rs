//! `POST /transcribe/batch`: several files in one request, each with a result of its own.

use crate::admission::Place;
use crate::openapi::Failures;
use crate::options::{self, Format, Parsed};
use crate::pipeline::Input;
use crate::state::AppState;
use crate::upload::{self, FilePart};
use crate::{answer, sse, work};
use api::parameters::{BatchForm, BatchParameters};
use api::recognition::{BatchEvent, BatchResult, BatchTranscript};
use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use service::{ApiResult, Form};
use std::sync::Arc;
use std::time::Instant;

/// Most files of one request.
pub const MAX_FILES: usize = 64;
/// Files of one request at work at once: enough to fill the recogniser's batches.
const AT_ONCE: usize = 4;

/// Transcribe several recordings
///
/// Up to 64 `file` parts. Results come in the order of the parts; a file that fails has an error
/// in its place. With `?stream=true` each comes as a server-sent event (`result`, with its
/// index) when it is there, and `done` at the end.
#[utoipa::path(post, path = "/transcribe/batch", tag = "Recognition", params(BatchParameters),
    request_body(content = BatchForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "One result for each file, or events",
            content((BatchTranscript = "application/json"), (BatchEvent = "text/event-stream"))),
        Failures))]
pub async fn batch(State(state): State<AppState>, request: Request) -> ApiResult<Response> {
    state.admission.check()?;
    let query = Form::from_query(request.uri().query().unwrap_or_default())?;
    let upload = upload::read(request, MAX_FILES, query).await?;
    let began = Instant::now();
    if upload.files.is_empty() {
        return Err(upload::no_file());
    }
    let mut form = upload.form;
    let streamed = form.bool("stream")?.unwrap_or(false);
    let mut parsed = options::parse(&mut form, &state.catalogue)?;
    if parsed.options.format != Format::Json {
        parsed
            .warnings
            .push("`format` has no effect on a batch: every result is JSON.".into());
        parsed.options.format = Format::Json;
    }
    // One place for the request, whatever the number of its files.
    let place = Arc::new(state.admission.enter().await?);
    let files = upload.files.into_iter().enumerate();
    let request_id = service::request_id::current().as_str().to_owned();
    if !streamed {
        let work = files.map(move |(index, file)| {
            one(
                state.clone(),
                place.clone(),
                index,
                file,
                parsed.clone(),
                began,
            )
        });
        let results: Vec<BatchResult> = stream::iter(work).buffered(AT_ONCE).collect().await;
        let seconds = results
            .iter()
            .filter_map(|r| r.result.as_ref())
            .map(|t| t.duration)
            .sum();
        return Ok(answer::with_audio_seconds(
            Json(BatchTranscript {
                request_id,
                results,
            })
            .into_response(),
            seconds,
        ));
    }
    Ok(sse::respond(move |events| async move {
        let count = files.len();
        let work = files.map(move |(index, file)| {
            one(
                state.clone(),
                place.clone(),
                index,
                file,
                parsed.clone(),
                began,
            )
        });
        let mut results = stream::iter(work).buffer_unordered(AT_ONCE);
        let mut failed = 0;
        while let Some(result) = results.next().await {
            failed += usize::from(result.error.is_some());
            if !events
                .send(
                    "result",
                    &BatchEvent::Result {
                        result: Box::new(result),
                    },
                )
                .await
            {
                return;
            }
        }
        events
            .send(
                "done",
                &BatchEvent::Done {
                    request_id,
                    files: count,
                    failed,
                },
            )
            .await;
    }))
}

/// One file, whose failure is a result like any other.
async fn one(
    state: AppState,
    place: Arc<Place>,
    index: usize,
    file: FilePart,
    parsed: Parsed,
    began: Instant,
) -> BatchResult {
    let FilePart {
        filename,
        recording,
    } = file;
    let outcome = match recording.is_empty() {
        true => Err(upload::empty_file()),
        false => {
            work::transcribe_in(
                &state,
                place,
                Input {
                    recording,
                    pcm: None,
                },
                parsed,
                began,
                None,
            )
            .await
        }
    };
    match outcome {
        Ok(answer) => BatchResult {
            index,
            filename,
            status: 200,
            result: Some(answer.transcript),
            error: None,
        },
        Err(error) => {
            let status = error.status().as_u16();
            BatchResult {
                index,
                filename,
                status,
                result: None,
                error: Some(error.envelope()),
            }
        }
    }
}
