//! `GET /voices`: who can speak.

use crate::state::AppState;
use api::synthesis::{VoiceInfo, VoiceList};
use axum::Json;
use axum::extract::State;

/// The voices
#[utoipa::path(get, path = "/voices", tag = "Synthesis",
    responses((status = 200, description = "By id", body = VoiceList)))]
pub async fn voices(State(state): State<AppState>) -> Json<VoiceList> {
    let list = state.synthesizer.voices().list().iter();
    let voices = list.map(|voice| {
        let info = VoiceInfo {
            name: voice.name.clone(),
            language: voice.language.code().to_owned(),
            accent: voice.accent.to_owned(),
            gender: voice.gender.as_str().to_owned(),
            sample_rate: synthesis::SAMPLE_RATE,
            description: voice.description.clone(),
        };
        (voice.id.clone(), info)
    });
    Json(VoiceList {
        voices: voices.collect(),
    })
}
