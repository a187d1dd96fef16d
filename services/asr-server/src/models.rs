//! `GET /models` and `GET /intents`: what can be asked for, and what stands behind it.

use crate::openapi::Failures;
use crate::options;
use crate::state::AppState;
use api::parameters::IntentQuery;
use api::recognition::{IntentList, ModelInfo, ModelList};
use axum::Json;
use axum::extract::State;
use service::{ApiResult, Query};

/// What is said where a profile has no intents.
const NO_INTENTS: &str = "This profile has no intent head.";

/// The models of this variant
///
/// Each with its acoustic model, licence, languages, heads and measured accuracy.
#[utoipa::path(get, path = "/models", tag = "Models",
    responses((status = 200, description = "The profiles, the default one first", body = ModelList)))]
pub async fn models(State(state): State<AppState>) -> Json<ModelList> {
    let catalogue = &state.catalogue;
    let info = |profile: &std::sync::Arc<crate::profiles::Profile>| ModelInfo {
        id: profile.id.clone(),
        aliases: if profile.id == catalogue.default {
            vec!["default".into()]
        } else {
            Vec::new()
        },
        acoustic_model: profile.acoustic.clone(),
        description: profile.description.clone(),
        licence: profile.licence.clone(),
        languages: profile.language_codes(),
        language_models: profile
            .languages
            .iter()
            .filter_map(|language| state.language_models.info(*language))
            .collect(),
        heads: state.insight.heads(profile),
        absent_heads: profile.absent.clone(),
        word_error_rates: profile.word_error_rates.clone(),
        loaded: state.engines.is_loaded(&profile.acoustic),
        device: state.device.to_owned(),
    };
    Json(ModelList {
        default: catalogue.default.clone(),
        variant: catalogue.variant.to_string(),
        models: catalogue.profiles.iter().map(info).collect(),
    })
}

/// The intents a model can give
#[utoipa::path(get, path = "/intents", tag = "Models", params(IntentQuery),
    responses((status = 200, description = "Labels; empty with a note where no head is trained", body = IntentList), Failures))]
pub async fn intents(
    State(state): State<AppState>,
    Query(query): Query<IntentQuery>,
) -> ApiResult<Json<IntentList>> {
    let profile = options::profile(query.model, &state.catalogue)?;
    let labels = profile.intents().unwrap_or_default();
    let labels = labels.into_iter().map(str::to_owned).collect();
    Ok(Json(IntentList {
        model: profile.id.clone(),
        note: profile.intents().is_none().then(|| NO_INTENTS.to_owned()),
        intents: labels,
    }))
}
