//! `GET /status`: what this service is doing. The gateway asks for it; it is not at `/bot/api`.

use crate::state::AppState;
use api::status::{BotStatus, DatabaseStatus};
use axum::Json;
use axum::extract::State;
use service::metrics::Announced;

/// Metrics without labels, known before anything happened.
pub const METRICS: Announced = Announced {
    counters: &["call_underruns_total"],
    gauges: &["calls_active"],
    histograms: &["call_voice_to_voice_seconds"],
};

/// The service's state.
pub async fn status(State(state): State<AppState>) -> Json<BotStatus> {
    let ready = state.database_ready().await;
    let version = match ready {
        Ok(()) => state.database.server_version().await.ok(),
        Err(_) => None,
    };
    let (connections, idle) = state.database.connections();
    let status = match (state.drain.is_draining(), &ready) {
        (true, _) => "draining",
        (false, Err(_)) => "starting",
        (false, Ok(())) => "ok",
    };
    Json(BotStatus {
        status: status.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_seconds: service::metrics::uptime_seconds(state.started),
        memory_bytes: service::metrics::resident_bytes().unwrap_or_default(),
        database: DatabaseStatus {
            state: ready.map_or_else(|why| why, |()| "ok".to_owned()),
            version,
            connections,
            idle,
        },
        calls: state.live.count(),
        max_calls: state.config.live.max_calls as usize,
    })
}

/// Gauges of the pool of connections.
pub fn sample(state: &AppState) {
    let (connections, idle) = state.database.connections();
    metrics::gauge!("database_connections").set(f64::from(connections));
    metrics::gauge!("database_connections_idle").set(f64::from(idle));
}
