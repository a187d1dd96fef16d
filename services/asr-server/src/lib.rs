//! Speech recognition over HTTP: recordings in, transcripts out.
//!
//! The way of a request: [`upload`] spools it, [`options`] reads its parameters, [`admission`]
//! lets it in, [`decoding`] and [`hearing`] turn bytes into stretches of speech on a thread, [`pipeline`] has
//! them recognised meanwhile, [`answer`] writes what the client reads.

pub mod admission;
pub mod alternatives;
pub mod analysis;
pub mod answer;
pub mod batch;
pub mod config;
pub mod decoding;
pub mod engines;
pub mod hearing;
mod insight;
pub mod language_models;
pub mod languages;
pub mod long;
pub mod models;
pub mod openapi;
pub mod options;
pub mod own_models;
pub mod pace;
pub mod pcm;
pub mod pipeline;
pub mod profiles;
pub mod readable;
pub mod search;
pub mod spool;
pub mod sse;
pub mod state;
pub mod status;
pub mod stream;
pub mod tongues;
pub mod transcribe;
pub mod upload;
pub mod work;

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
        .routes(routes!(transcribe::transcribe))
        .routes(routes!(transcribe::clean))
        .routes(routes!(transcribe::raw))
        .routes(routes!(pcm::pcm))
        .routes(routes!(long::long))
        .routes(routes!(batch::batch))
        .routes(routes!(stream::stream))
        .routes(routes!(models::models))
        .routes(routes!(models::intents))
        .routes(routes!(languages::languages))
        .routes(routes!(status::status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_lists_every_parameter_that_is_taken() {
        let document = documented().split_for_parts().1;
        let json = serde_json::to_value(&document).expect("a document is JSON");
        let listed = &json["components"]["schemas"]["TranscribeParameters"]["properties"];
        let real = [
            "language",
            "model",
            "word_timestamps",
            "punctuation",
            "itn",
            "profanity_filter",
            "format",
            "gain_normalize",
            "noise_reduce",
            "multichannel",
            "beam_width",
            "n_best",
            "use_lm",
            "lm_mode",
            "lm_alpha",
            "lm_beta",
            "hotwords",
            "hotword_weight",
            "summarize",
            "metadata",
            "metadata_prob",
            "diarize",
            "num_speakers",
            "min_speakers",
            "max_speakers",
            "speaker_embedding",
            "structured_intents",
            "intent_labels",
            "speech_analysis",
        ];
        let mut taken: Vec<&str> = real.into_iter().collect();
        taken.sort_unstable();
        let mut documented: Vec<&str> = listed
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            .collect();
        documented.sort_unstable();
        assert_eq!(documented, taken);
    }
}
