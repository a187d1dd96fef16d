//! `GET /models`: who answers.

use crate::state::AppState;
use axum::extract::State;
use serde::Serialize;
use service::Json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(models))
}

/// Answer of `GET /models`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Models {
    /// Providers that are set up, in the order in which they are asked.
    pub providers: Vec<&'static str>,
}

/// Who answers, in the order in which they are asked.
#[utoipa::path(get, path = "/models", tag = "Operations", responses((status = 200, body = Models)))]
async fn models(State(state): State<AppState>) -> Json<Models> {
    let order = state.config.llm.order();
    Json(Models {
        providers: order.into_iter().map(|kind| kind.as_str()).collect(),
    })
}
