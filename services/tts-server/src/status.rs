//! `GET /status`: what the server is doing.

use crate::state::AppState;
use api::synthesis::SynthesisStatus;
use axum::Json;
use axum::extract::State;

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
        uptime_seconds: (state.started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
        memory_bytes: service::metrics::resident_bytes().unwrap_or_default(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}
