//! `GET /languages`: what can be recognised, and by which models.

use crate::state::AppState;
use api::recognition::{LanguageInfo, LanguageList};
use axum::Json;
use axum::extract::State;
use speech::Language;
use std::collections::BTreeMap;

/// The languages of this variant
#[utoipa::path(get, path = "/languages", tag = "Models",
    responses((status = 200, description = "Languages by code, with the models that know them", body = LanguageList)))]
pub async fn languages(State(state): State<AppState>) -> Json<LanguageList> {
    let mut known: BTreeMap<&str, (Language, Vec<String>)> = BTreeMap::new();
    for profile in &state.catalogue.profiles {
        for language in &profile.languages {
            known
                .entry(language.code())
                .or_insert_with(|| (*language, Vec::new()))
                .1
                .push(profile.id.clone());
        }
    }
    let languages = known
        .into_iter()
        .map(|(code, (language, models))| LanguageInfo {
            code: code.to_owned(),
            name: language.name().to_owned(),
            models,
            kenlm: state.language_models.info(language).is_some(),
            language_model: state.language_models.info(language),
        });
    Json(LanguageList {
        languages: languages.collect(),
    })
}
