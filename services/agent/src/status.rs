//! `GET /status`: what the agent is doing.

use crate::state::AppState;
use crate::storage::StorageMode;
use api::status::AgentStatus;
use axum::extract::State;
use service::Json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(status))
}

/// What the agent is doing
#[utoipa::path(get, path = "/status", tag = "Operations", responses((status = 200, body = AgentStatus)))]
async fn status(State(state): State<AppState>) -> Json<AgentStatus> {
    let order = state.config.llm.order();
    let storage = match state.config.storage.storage_mode {
        _ if state.config.common.hipaa_mode => "none",
        StorageMode::Sqlite => "sqlite",
        StorageMode::Firestore => "firestore",
    };
    let draining = state.drain.is_draining();
    let talks = state.config.agent_concurrency as usize;
    let analyses = state.config.analysis.analysis_concurrency as usize;
    Json(AgentStatus {
        status: if draining { "draining" } else { "ok" }.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_seconds: service::metrics::uptime_seconds(state.started),
        memory_bytes: service::metrics::resident_bytes().unwrap_or_default(),
        providers: order.into_iter().map(|kind| kind.to_string()).collect(),
        storage: storage.to_owned(),
        conversations: talks.saturating_sub(state.talks.available_permits()),
        analyses: analyses.saturating_sub(state.analyses.available_permits()),
    })
}

/// Gauges of what is under way.
pub fn sample(state: &AppState) {
    let talks = state.config.agent_concurrency as usize;
    let analyses = state.config.analysis.analysis_concurrency as usize;
    let now = |most: usize, free: usize| most.saturating_sub(free) as f64;
    metrics::gauge!("agent_conversations_active").set(now(talks, state.talks.available_permits()));
    metrics::gauge!("agent_analyses_active").set(now(analyses, state.analyses.available_permits()));
}
