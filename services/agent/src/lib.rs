//! The agent: answers, commands, summaries and analyses by language models, over HTTP and
//! server-sent events.

pub mod analysis;
pub mod chat;
mod checks;
pub mod commands;
pub mod config;
pub mod failure;
mod language;
pub mod models;
pub mod notes;
pub mod openapi;
pub mod process;
pub mod state;
pub mod status;
pub mod storage;
mod talk;
pub mod tools;
mod who;

pub use config::Config;
pub use state::{AppState, StartError};

use axum::Router;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// The routes of this service and their OpenAPI document, with the state filled in.
pub fn router(state: AppState) -> Router {
    let (router, document) = documented().with_state(state).split_for_parts();
    router.route("/openapi.json", service::document(&document))
}

/// Every route with its description.
pub fn documented() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .merge(models::routes())
        .merge(status::routes())
        .merge(process::routes())
        .merge(chat::routes())
        .merge(notes::routes())
        .merge(analysis::routes())
}
