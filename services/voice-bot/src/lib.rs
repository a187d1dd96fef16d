//! The voice calling platform: people and what they own, over HTTP under `/api`.
//!
//! A noun of the API is a file here, or a folder where it is large. A handler takes
//! [`session::Member`] (or [`session::SignedIn`]) to know who asks, and reaches data only through
//! the organization that this names.

pub mod accounts;
pub mod address;
pub mod agents;
pub mod audit;
pub mod calls;
pub mod config;
pub mod cookies;
pub mod csrf;
pub mod customers;
pub mod erasure;
pub mod failure;
pub mod input;
pub mod keys;
pub mod limits;
pub mod listing;
pub mod live;
pub mod mail;
pub mod offer;
pub mod openapi;
pub mod organizations;
pub mod outbound;
pub mod passwords;
pub mod retention;
pub mod session;
pub mod state;
pub mod status;
pub mod twilio;
pub mod vault;
pub mod voices;
pub mod webhook;
pub mod wire;

pub use config::Config;
pub use state::{AppState, StartError};

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// The routes of this service and their OpenAPI document, with the state filled in.
pub fn router(state: AppState) -> Router {
    let (router, document) = documented().split_for_parts();
    router
        .merge(calls::lookup::routes())
        .merge(twilio::streams())
        .merge(offer::pages())
        .route("/status", get(status::status))
        .route_layer(from_fn_with_state(state.clone(), csrf::check))
        .with_state(state)
        .route("/openapi.json", service::document(&document))
}

/// Every route with its description.
pub fn documented() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .merge(accounts::routes())
        .merge(audit::routes())
        .merge(organizations::routes())
        .merge(agents::routes())
        .merge(customers::routes())
        .merge(calls::routes())
        .merge(offer::routes())
        .merge(twilio::routes())
}
