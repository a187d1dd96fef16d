//! `POST /transcribe`, `/transcribe/clean` and `/transcribe/raw`.

use crate::answer::{self, seconds};
use crate::insight::Wishes;
use crate::openapi::Failures;
use crate::options::{self, Format, Parsed};
use crate::pipeline::Input;
use crate::state::AppState;
use crate::{upload, work};
use api::parameters::TranscribeForm;
use api::recognition::{CleanTranscript, RawSegment, RawTranscript, Transcript};
use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use service::{ApiResult, Form};
use std::sync::Arc;
use std::time::Instant;

/// Transcribe a recording
///
/// The whole answer as JSON, or, by `format`, only the segments or subtitles (SRT, WebVTT).
/// Silence, noise and music give an empty transcript and no segments.
#[utoipa::path(post, path = "/transcribe", tag = "Recognition",
    request_body(content = TranscribeForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "The transcript; with `format=segments` the array of segments alone",
            headers(("X-Audio-Seconds" = f64, description = "Length of the audio"),
                    ("X-Warning" = String, description = "A warning, in formats without room for one")),
            content((Transcript = "application/json"), (String = "application/x-subrip"), (String = "text/vtt"))),
        Failures))]
pub async fn transcribe(State(state): State<AppState>, request: Request) -> ApiResult<Response> {
    let (input, parsed, began) = receive(&state, request).await?;
    let format = parsed.options.format;
    Ok(work::transcribe(&state, input, parsed, began)
        .await?
        .respond(format))
}

/// Transcribe to text alone
#[utoipa::path(post, path = "/transcribe/clean", tag = "Recognition",
    request_body(content = TranscribeForm, content_type = "multipart/form-data"),
    responses((status = 200, description = "The text", body = CleanTranscript), Failures))]
pub async fn clean(State(state): State<AppState>, request: Request) -> ApiResult<Response> {
    let (input, mut parsed, began) = receive(&state, request).await?;
    // Nobody sees words or cues here: they are not computed.
    parsed.options.word_timestamps = false;
    parsed.options.wishes = Wishes::none();
    parsed.options.summarize = None;
    parsed.options.search.n_best = 1;
    parsed.options.format = Format::Json;
    let transcript = work::transcribe(&state, input, parsed, began)
        .await?
        .transcript;
    let body = Json(CleanTranscript {
        transcript: transcript.transcript,
    });
    Ok(answer::with_audio_seconds(
        body.into_response(),
        transcript.duration,
    ))
}

/// Transcribe to what the model itself wrote
///
/// Special tokens included, nothing done to the text.
#[utoipa::path(post, path = "/transcribe/raw", tag = "Recognition",
    request_body(content = TranscribeForm, content_type = "multipart/form-data"),
    responses((status = 200, description = "The model's output", body = RawTranscript), Failures))]
pub async fn raw(State(state): State<AppState>, request: Request) -> ApiResult<Response> {
    let (input, mut parsed, _) = receive(&state, request).await?;
    parsed.options.word_timestamps = false;
    parsed.options.wishes = Wishes::none();
    parsed.options.search.n_best = 1;
    if parsed.options.summarize.take().is_some() {
        parsed
            .warnings
            .push("`summarize` has no effect on raw output.".into());
    }
    parsed.options.format = Format::Json;
    let place = Arc::new(state.admission.enter().await?);
    let outcome = work::run(&state, place, input, &parsed, None).await?;
    let raw = |r: &crate::pipeline::Recognised| r.hypothesis.raw_text.clone();
    let body = RawTranscript {
        request_id: service::request_id::current().as_str().to_owned(),
        raw: outcome
            .segments
            .iter()
            .map(raw)
            .collect::<Vec<_>>()
            .join("\n"),
        model: parsed.options.profile.id.clone(),
        segments: outcome
            .segments
            .iter()
            .map(|r| RawSegment {
                start: seconds(r.start_s),
                end: seconds(r.end_s),
                text: raw(r),
                tokens: r.hypothesis.tokens.clone(),
            })
            .collect(),
        warnings: [parsed.warnings, outcome.warnings].concat(),
    };
    Ok(answer::with_audio_seconds(
        Json(body).into_response(),
        seconds(outcome.duration_s),
    ))
}

/// One file with its parameters, and when its upload ended.
pub async fn receive(state: &AppState, request: Request) -> ApiResult<(Input, Parsed, Instant)> {
    state.admission.check()?;
    let (file, mut form) = upload::read_one(request, Form::new()).await?;
    let began = Instant::now();
    let parsed = options::parse(&mut form, &state.catalogue)?;
    Ok((
        Input {
            recording: file.recording,
            pcm: None,
        },
        parsed,
        began,
    ))
}
