//! One request's work: a place, the pipeline, the answer, and what is counted of it.

use crate::admission::Place;
use crate::analysis;
use crate::answer::{self, Answer};
use crate::options::Parsed;
use crate::pipeline::{self, Event, Input, Outcome};
use crate::state::AppState;
use metrics::{counter, histogram};
use service::ApiResult;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

/// Transcribes within a place of its own. `began` is the end of the upload.
pub async fn transcribe(
    state: &AppState,
    input: Input,
    parsed: Parsed,
    began: Instant,
) -> ApiResult<Answer> {
    let place = Arc::new(state.admission.enter().await?);
    transcribe_in(state, place, input, parsed, began, None).await
}

/// Transcribes within a place that may be shared, telling of its progress.
pub async fn transcribe_in(
    state: &AppState,
    place: Arc<Place>,
    input: Input,
    parsed: Parsed,
    began: Instant,
    events: Option<&mpsc::Sender<Event>>,
) -> ApiResult<Answer> {
    let outcome = run(state, place, input, &parsed, events).await?;
    let mut answer = answer::build(outcome, &parsed.options, parsed.warnings, began);
    // The place is free again: a language model is waited for, and none of ours computes.
    if let Some(mode) = &parsed.options.summarize {
        let began = Instant::now();
        analysis::add(state, mode, &mut answer.transcript).await;
        service::phases::note("analysis", began.elapsed());
    }
    Ok(answer)
}

/// The pipeline, counted and logged.
pub async fn run(
    state: &AppState,
    place: Arc<Place>,
    input: Input,
    parsed: &Parsed,
    events: Option<&mpsc::Sender<Event>>,
) -> ApiResult<Outcome> {
    let began = Instant::now();
    let outcome = pipeline::run(state, Arc::new(input), &parsed.options, place, events).await?;
    record(&outcome, &parsed.options.profile.id, began);
    Ok(outcome)
}

fn record(outcome: &Outcome, model: &str, began: Instant) {
    let total = began.elapsed().as_secs_f64();
    let model = metrics::SharedString::from_owned(model.to_owned());
    counter!("asr_files_total", "model" => model.clone()).increment(1);
    // Whole milliseconds: a counter holds integers, and rounding each file to seconds would add up.
    counter!("asr_audio_milliseconds_total", "model" => model.clone())
        .increment((outcome.duration_s * 1000.0) as u64);
    counter!("asr_segments_total", "model" => model.clone())
        .increment(outcome.segments.len() as u64);
    let factor = if outcome.duration_s > 0.0 {
        total / outcome.duration_s
    } else {
        0.0
    };
    histogram!("asr_real_time_factor", "model" => model.clone()).record(factor);
    for (stage, time) in [
        ("decode", outcome.decode),
        ("vad", outcome.vad),
        ("inference", outcome.inference),
    ] {
        service::phases::note(stage, time);
        histogram!("asr_stage_duration_seconds", "stage" => stage).record(time.as_secs_f64());
    }
    // Never the words themselves.
    tracing::info!(
        model = &*model,
        language = outcome.language.map(|(language, _)| language.code()),
        audio_seconds = (outcome.duration_s * 1000.0).round() / 1000.0,
        segments = outcome.segments.len(),
        decode_ms = outcome.decode.as_millis() as u64,
        vad_ms = outcome.vad.as_millis() as u64,
        inference_ms = outcome.inference.as_millis() as u64,
        real_time_factor = (factor * 10_000.0).round() / 10_000.0,
        "transcribed"
    );
}
