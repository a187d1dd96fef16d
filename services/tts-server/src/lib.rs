//! Speech synthesis over HTTP and WebSocket: texts in, sound out while it is made.
//!
//! The way of a request: [`fields`] collects what was asked, [`settings`] makes sense of it,
//! [`state`] starts the speech, [`pieces`] turns its sound into pieces of a file, [`synthesize`]
//! sends them. The WebSocket is in [`stream`].

pub mod config;
pub mod failure;
pub mod fields;
pub mod openai;
pub mod openapi;
pub mod pieces;
pub mod settings;
pub mod state;
pub mod status;
pub mod stream;
pub mod synthesize;
pub mod texts;
pub mod voices;

pub use config::Config;
pub use state::{AppState, StartError};

use axum::Router;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this service and their OpenAPI document, with the state filled in.
pub fn router(state: AppState) -> Router {
    let (router, document) = documented().with_state(state).split_for_parts();
    router.route("/openapi.json", service::document(&document))
}

fn documented() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .routes(routes!(synthesize::synthesize))
        .routes(routes!(openai::speech))
        .routes(routes!(stream::stream))
        .routes(routes!(voices::voices))
        .routes(routes!(status::status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_lists_every_field_that_is_taken() {
        let document = documented().split_for_parts().1;
        let json = serde_json::to_value(&document).expect("a document is JSON");
        for (schema, extra) in [
            ("SpeechConfig", &["pronunciations"][..]),
            (
                "SynthesizeRequest",
                &["pronunciations", "text", "instruct"][..],
            ),
        ] {
            let listed = json["components"]["schemas"][schema]["properties"]
                .as_object()
                .expect("an object");
            let mut listed: Vec<&str> = listed.keys().map(String::as_str).collect();
            let mut taken: Vec<&str> = fields::NAMES
                .into_iter()
                .filter(|name| *name != "encoding")
                .chain(extra.iter().copied())
                .collect();
            listed.sort_unstable();
            taken.sort_unstable();
            assert_eq!(listed, taken, "{schema}");
        }
    }
}
