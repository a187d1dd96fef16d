//! `GET /status`: what the server is doing.

use crate::state::AppState;
use api::recognition::Status;
use axum::Json;
use axum::extract::State;

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
        uptime_seconds: crate::answer::seconds(state.started.elapsed().as_secs_f64()),
        memory_bytes: service::metrics::resident_bytes().unwrap_or_default(),
        queue_depth: state.engines.queue_depth() + state.admission.waiting(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}
