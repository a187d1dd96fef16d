//! How words are searched for: the fields for beam, language model, hotwords and alternatives.

use service::{ApiError, ApiResult, Form};
use speech::{
    DecodeOptions, Engine, Fusion, Hotwords, LmMode, LmWeights, MAX_BEAM_WIDTH, ModelKind,
    SpeechError,
};
use std::sync::Arc;

use crate::language_models::LanguageModels;

/// Width where a beam is needed and none is given.
const BEAM: usize = 5;
/// Width of the search for what may still change: hotwords need one.
const INTERIM_BEAM: usize = 3;

/// What a client asked for.
#[derive(Debug, Clone)]
pub struct Search {
    /// 1 = greedy; `None` leaves it to what suits the model.
    beam_width: Option<usize>,
    /// Alternatives wanted.
    pub n_best: usize,
    /// `None` leaves it to what suits the model.
    use_lm: Option<bool>,
    mode: LmMode,
    weights: LmWeights,
    hotwords: Option<Arc<Hotwords>>,
    hotword_weight: f32,
}

impl Search {
    /// Takes the fields out of a form, for a model of this family.
    pub fn read(form: &mut Form, kind: ModelKind, warnings: &mut Vec<String>) -> ApiResult<Self> {
        let given = form.number("beam_width", 1..=1000usize)?;
        let widest = kind.widest_beam();
        if given.is_some_and(|width| width > widest) {
            warnings.push(format!(
                "`beam_width` was reduced to {widest}, the widest beam this model is searched with."
            ));
        }
        let beam_width = given.map(|width| width.min(widest));
        let n_best = form.number("n_best", 1..=MAX_BEAM_WIDTH)?.unwrap_or(1);
        if let Some(width) = beam_width.filter(|width| n_best > *width) {
            let message = format!(
                "`n_best` must not be above `beam_width`: {n_best} alternatives cannot come out of a beam of {width}."
            );
            return Err(ApiError::invalid_parameter("n_best", message));
        }
        let (defaults, weights) = (Fusion::default(), kind.lm_weights());
        let mode = form.one_of("lm_mode", &["greedy", "balanced", "strict"])?;
        let alpha = form.number("lm_alpha", 0.0..=10.0f32)?;
        let beta = form.number("lm_beta", -10.0..=10.0f32)?;
        // Who says how the language model is to count, wants one.
        let tuned = matches!(mode, Some("balanced" | "strict")) || alpha.or(beta).is_some();
        let mode = match mode {
            Some("greedy") => LmMode::Greedy,
            Some("strict") => LmMode::Strict,
            _ => LmMode::Balanced,
        };
        Ok(Search {
            beam_width,
            n_best,
            use_lm: form.bool("use_lm")?.or(tuned.then_some(true)),
            mode,
            weights: LmWeights {
                alpha: alpha.unwrap_or(weights.alpha),
                beta: beta.unwrap_or(weights.beta),
                ..weights
            },
            hotwords: hotwords(form)?,
            hotword_weight: form
                .number("hotword_weight", 0.0..=100.0f32)?
                .unwrap_or(defaults.hotword_weight),
        })
    }

    /// How an engine is to decode.
    pub fn decode(&self, engine: &Engine, models: &LanguageModels) -> DecodeOptions {
        self.decode_for(engine.recommended_beam(), models)
    }

    fn decode_for(&self, recommended: usize, models: &LanguageModels) -> DecodeOptions {
        let wants_lm = self.use_lm != Some(false) && self.mode != LmMode::Greedy;
        let width = match (self.beam_width, self.mode) {
            (Some(width), _) => width,
            (None, LmMode::Greedy) => 1,
            (None, _) if wants_lm && self.use_lm.is_some() => recommended.max(BEAM),
            (None, _) => recommended,
        };
        let several = self.hotwords.is_some() || self.n_best > 1;
        let beam_width = if width == 1 && several { BEAM } else { width };
        let fusion = Fusion {
            by_language: match wants_lm {
                true => models.by_language(),
                false => Arc::default(),
            },
            mode: self.mode,
            weights: self.weights,
            hotwords: self.hotwords.clone(),
            hotword_weight: self.hotword_weight,
            ..Fusion::default()
        };
        DecodeOptions {
            beam_width,
            n_best: self.n_best,
            fusion: (beam_width > 1).then(|| Arc::new(fusion)),
            ..DecodeOptions::default()
        }
    }

    /// How to decode quickly what may still change: with the hotwords, if there are any, and
    /// nothing else.
    pub fn decode_interim(&self) -> DecodeOptions {
        let Some(hotwords) = &self.hotwords else {
            return DecodeOptions::default();
        };
        let fusion = Fusion {
            hotwords: Some(hotwords.clone()),
            hotword_weight: self.hotword_weight,
            ..Fusion::default()
        };
        DecodeOptions {
            beam_width: INTERIM_BEAM,
            fusion: Some(Arc::new(fusion)),
            ..DecodeOptions::default()
        }
    }
}

/// The hotwords: separated by commas or lines, or a JSON array of texts.
fn hotwords(form: &mut Form) -> ApiResult<Option<Arc<Hotwords>>> {
    let Some(text) = form.text("hotwords") else {
        return Ok(None);
    };
    let list: Vec<String> = match text.trim_start().starts_with('[') {
        true => serde_json::from_str(&text).map_err(|error| {
            let message = format!(
                "`hotwords` must be texts separated by commas, or a JSON array of texts ({error})."
            );
            ApiError::invalid_parameter("hotwords", message)
        })?,
        false => text.split([',', '\n']).map(str::to_owned).collect(),
    };
    let refuse = |error: SpeechError| {
        ApiError::invalid_parameter("hotwords", format!("`hotwords`: {error}."))
    };
    let hotwords = Hotwords::new(&list).map_err(refuse)?;
    Ok((!hotwords.is_empty()).then(|| Arc::new(hotwords)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::ErrorCode;
    use speech::Language;

    fn read(query: &str) -> ApiResult<(Search, Vec<String>)> {
        let mut form = Form::from_query(query).expect("a sane query");
        let mut warnings = Vec::new();
        Search::read(&mut form, ModelKind::Whisper, &mut warnings).map(|search| (search, warnings))
    }

    /// Beam width, and whether a language model and hotwords take part, with an engine that is best
    /// with a width of `recommended`.
    fn resolved(query: &str, recommended: usize) -> (usize, bool, bool) {
        let decode = read(query)
            .expect(query)
            .0
            .decode_for(recommended, &LanguageModels::for_tests());
        let fusion = decode.fusion.map(|it| it.in_language(Language::ENGLISH));
        let asks = |of: fn(&Fusion) -> bool| fusion.as_ref().is_some_and(of);
        (
            decode.beam_width,
            asks(Fusion::uses_language_model),
            asks(Fusion::uses_hotwords),
        )
    }

    #[test]
    fn what_runs_is_what_suits_the_model_unless_more_is_asked() {
        for (query, recommended, runs) in [
            ("", 5, (5, true, false)),
            ("", 1, (1, false, false)),
            ("use_lm=true", 1, (5, true, false)),
            ("lm_mode=strict", 1, (5, true, false)),
            ("lm_alpha=0.3", 1, (5, true, false)),
            ("use_lm=false", 5, (5, false, false)),
            ("lm_mode=greedy", 5, (1, false, false)),
            ("lm_mode=greedy&beam_width=4", 5, (4, false, false)),
            ("beam_width=1&use_lm=true", 5, (1, false, false)),
            ("hotwords=EMI", 1, (5, true, true)),
            ("hotwords=EMI&beam_width=1", 1, (5, true, true)),
            ("hotwords=EMI&lm_mode=greedy", 5, (5, false, true)),
            ("hotwords=EMI&hotword_weight=0", 5, (5, true, false)),
            ("n_best=3", 1, (5, true, false)),
            ("hotwords=+,,", 1, (1, false, false)),
        ] {
            assert_eq!(resolved(query, recommended), runs, "{query}");
        }
    }

    #[test]
    fn a_wrong_value_is_refused_with_the_name_of_the_field() {
        let many: Vec<String> = (0..10_000).map(|i| format!("w{i}")).collect();
        for (query, param) in [
            ("beam_width=0".to_owned(), "beam_width"),
            ("beam_width=100000".to_owned(), "beam_width"),
            ("n_best=0".to_owned(), "n_best"),
            ("n_best=17".to_owned(), "n_best"),
            ("n_best=4&beam_width=3".to_owned(), "n_best"),
            ("lm_alpha=NaN".to_owned(), "lm_alpha"),
            ("lm_alpha=-1".to_owned(), "lm_alpha"),
            ("lm_alpha=inf".to_owned(), "lm_alpha"),
            ("lm_beta=-inf".to_owned(), "lm_beta"),
            ("lm_mode=wild".to_owned(), "lm_mode"),
            ("use_lm=perhaps".to_owned(), "use_lm"),
            ("hotword_weight=101".to_owned(), "hotword_weight"),
            ("hotwords=EMI,%F0%9F%99%82".to_owned(), "hotwords"),
            ("hotwords=[1,2]".to_owned(), "hotwords"),
            (format!("hotwords={}", "x".repeat(101)), "hotwords"),
            (format!("hotwords={}", many.join(",")), "hotwords"),
        ] {
            let error = read(&query).expect_err(&query);
            let short: String = query.chars().take(40).collect();
            assert_eq!(error.code, ErrorCode::InvalidParameter, "{short}");
            assert_eq!(error.param.as_deref(), Some(param), "{short}");
        }
    }

    #[test]
    fn hotwords_come_as_a_list_or_as_an_array() {
        for query in [
            "hotwords=EMI,Go+Boult,,EMI",
            "hotwords=[\"EMI\",\"Go+Boult\"]",
        ] {
            let search = read(query).expect(query).0;
            assert_eq!(search.hotwords.expect("some").len(), 2, "{query}");
        }
    }

    #[test]
    fn a_beam_wider_than_the_search_is_narrowed_with_a_warning() {
        let (search, warnings) = read("beam_width=100").expect("the default of the reference");
        assert_eq!((search.beam_width, warnings.len()), (Some(16), 1));
        let mut form = Form::from_query("beam_width=100").expect("a sane query");
        let search = Search::read(&mut form, ModelKind::Ctc, &mut Vec::new()).expect("in range");
        assert_eq!(search.beam_width, Some(100));
    }
}
