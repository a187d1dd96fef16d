//! `GET /status`: what the server is doing.

use crate::state::AppState;
use api::synthesis::SynthesisStatus;
use axum::Json;
use axum::extract::State;
use service::metrics::Announced;

/// Metrics without labels, known before anything happened.
pub const METRICS: Announced = Announced {
    counters: &[
        "tts_texts_total",
        "tts_texts_cancelled_total",
        "tts_audio_milliseconds_total",
        "tts_streams_refused_total",
    ],
    gauges: &["tts_texts_active", "tts_streams_active"],
    histograms: &["tts_first_byte_seconds", "tts_file_first_sound_seconds"],
};

/// The server's state
#[utoipa::path(get, path = "/status", tag = "Operations",
    responses((status = 200, description = "Engine, memory, what is being spoken, uptime", body = SynthesisStatus)))]
pub async fn status(State(state): State<AppState>) -> Json<SynthesisStatus> {
    let status = match (state.drain.is_draining(), state.ready()) {
        (true, _) => "draining",
        (false, Err(_)) => "starting",
        (false, Ok(())) => "ok",
    };
    Json(SynthesisStatus {
        status: status.to_owned(),
        engine: state.config.tts_engine.as_str().to_owned(),
        device: state.device.to_owned(),
        voices: state.synthesizer.voices().list().len(),
        active: state.active.now(),
        streams: state.streams.now(),
        uptime_seconds: service::metrics::uptime_seconds(state.started),
        model_memory_bytes: state.model_memory,
        real_time_factor: state.synthesizer.real_time_factor(),
        memory_bytes: service::metrics::resident_bytes().unwrap_or_default(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}
