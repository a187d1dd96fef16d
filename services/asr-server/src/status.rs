//! `GET /status`: what the server is doing.

use crate::state::AppState;
use api::recognition::Status;
use axum::Json;
use axum::extract::State;
use service::metrics::Announced;

/// Metrics without labels, known before anything happened.
pub const METRICS: Announced = Announced {
    counters: &[
        "asr_refused_total",
        "asr_streams_refused_total",
        "asr_stream_audio_milliseconds_total",
        "asr_stream_finals_total",
    ],
    gauges: &[
        "asr_files_active",
        "asr_files_waiting",
        "asr_streams_active",
    ],
    histograms: &[
        "asr_stream_end_of_speech_seconds",
        "asr_stream_lag_seconds",
        "asr_stream_metadata_seconds",
    ],
};

/// The server's state
#[utoipa::path(get, path = "/status", tag = "Operations",
    responses((status = 200, description = "Models in memory, memory, queue, uptime", body = Status)))]
pub async fn status(State(state): State<AppState>) -> Json<Status> {
    let status = match (state.drain.is_draining(), state.ready()) {
        (true, _) => "draining",
        (false, Err(_)) => "starting",
        (false, Ok(())) => "ok",
    };
    let loaded = state
        .catalogue
        .profiles
        .iter()
        .filter(|profile| state.engines.is_loaded(&profile.acoustic));
    Json(Status {
        status: status.to_owned(),
        variant: state.catalogue.variant.to_string(),
        device: state.device.to_owned(),
        models: loaded.map(|profile| profile.id.clone()).collect(),
        acoustic_models: state.engines.status(),
        files_active: state.admission.active(),
        files_waiting: state.admission.waiting(),
        streams: state.streams.active(),
        uptime_seconds: service::metrics::uptime_seconds(state.started),
        memory_bytes: service::metrics::resident_bytes().unwrap_or_default(),
        queue_depth: state.engines.queue_depth() + state.admission.waiting(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}
