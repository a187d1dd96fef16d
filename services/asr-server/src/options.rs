//! What a client asked for, out of the fields of a form or a query.

use crate::profiles::{Catalogue, Profile};
use api::ErrorCode;
use service::{ApiError, ApiResult, Form, parse_bool};
use speech::Language;
use std::sync::Arc;

use crate::insight::Wishes;
use crate::search::Search;

/// Longest prompt in `summarize`, in bytes.
const SUMMARIZE_LIMIT: usize = 16_384;

/// What a transcript is sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The whole answer.
    Json,
    /// The array of segments.
    Segments,
    /// SubRip subtitles.
    Srt,
    /// WebVTT subtitles.
    Vtt,
}

impl Format {
    /// Whether times of words are needed to cut it into cues.
    pub fn is_subtitles(self) -> bool {
        matches!(self, Format::Srt | Format::Vtt)
    }
}

/// How to transcribe.
#[derive(Debug, Clone)]
pub struct Options {
    /// The profile that answers.
    pub profile: Arc<Profile>,
    /// The language spoken; `None` lets the model find out.
    pub language: Option<Language>,
    /// Whether words and their times are wanted.
    pub word_timestamps: bool,
    /// Whether punctuation and casing stay.
    pub punctuation: bool,
    /// Whether numbers, money, dates and times are written in digits.
    pub itn: bool,
    /// Whether swear words are masked.
    pub profanity_filter: bool,
    /// What the transcript is sent as.
    pub format: Format,
    /// Bring the recording to an even level first.
    pub gain_normalize: bool,
    /// Take noise out first.
    pub noise_reduce: bool,
    /// Transcribe each channel by itself.
    pub multichannel: bool,
    /// How words are searched for.
    pub search: Search,
    /// What the agent is to make of the transcript: a preset or a prompt.
    pub summarize: Option<String>,
    /// Who spoke and how.
    pub wishes: Wishes,
}

/// Options, and what has to be said about them.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// How to transcribe.
    pub options: Options,
    /// What was accepted but will not be done.
    pub warnings: Vec<String>,
}

/// Reads all parameters of `POST /transcribe` but the file. Fields nobody knows become warnings,
/// so an endpoint takes its own fields out first.
pub fn parse(form: &mut Form, catalogue: &Catalogue) -> ApiResult<Parsed> {
    let mut warnings = Vec::new();
    let profile = profile(form.text("model"), catalogue)?;
    let language = language(form.text("language"), &profile)?;
    let formats = ["json", "segments", "srt", "vtt"];
    let format = match form.one_of("format", &formats)? {
        Some("segments") => Format::Segments,
        Some("srt") => Format::Srt,
        Some("vtt") => Format::Vtt,
        _ => Format::Json,
    };
    let search = Search::read(form, profile.kind, &mut warnings)?;
    let mut summarize = summarize(form)?;
    if format != Format::Json && summarize.take().is_some() {
        warnings
            .push("`summarize` has no effect on this `format`, which has no room for it.".into());
    }
    let mut wishes = Wishes::read(form, &profile, &mut warnings)?;
    if format.is_subtitles() {
        wishes.only_speakers();
    }
    let options = Options {
        summarize,
        wishes,
        profile,
        language,
        format,
        search,
        word_timestamps: form.bool("word_timestamps")?.unwrap_or(false),
        punctuation: form.bool("punctuation")?.unwrap_or(true),
        itn: form.bool("itn")?.unwrap_or(true),
        profanity_filter: form.bool("profanity_filter")?.unwrap_or(false),
        gain_normalize: form.bool("gain_normalize")?.unwrap_or(false),
        noise_reduce: form.bool("noise_reduce")?.unwrap_or(false),
        multichannel: form.bool("multichannel")?.unwrap_or(false),
    };
    warnings.extend(form.warnings());
    Ok(Parsed { options, warnings })
}

/// What to make of the transcript; nothing for `false` and its like.
fn summarize(form: &mut Form) -> ApiResult<Option<String>> {
    let text = form.text("summarize").map(|text| text.trim().to_owned());
    match text {
        Some(text) if text.len() > SUMMARIZE_LIMIT => {
            let length = text.len();
            let message =
                format!("`summarize` must have at most {SUMMARIZE_LIMIT} bytes, not {length}.");
            Err(ApiError::invalid_parameter("summarize", message))
        }
        text => Ok(text.filter(|text| parse_bool(text) != Ok(false))),
    }
}

/// The profile a client means; 422 with the loaded ids when there is none.
pub fn profile(id: Option<String>, catalogue: &Catalogue) -> ApiResult<Arc<Profile>> {
    let id = id.unwrap_or_default();
    catalogue.find(id.trim()).cloned().ok_or_else(|| {
        let message = format!(
            "The model `{}` is not loaded in the variant {}; loaded are: {}.",
            cut(&id),
            catalogue.variant,
            catalogue.ids().join(", ")
        );
        ApiError::new(ErrorCode::ModelNotLoaded, message).with_param("model")
    })
}

/// A model that knows one language needs no hint; `auto` lets the others find out.
pub fn language(text: Option<String>, profile: &Profile) -> ApiResult<Option<Language>> {
    let text = text.unwrap_or_default();
    let wanted = match text.trim() {
        "" => None,
        auto if auto.eq_ignore_ascii_case("auto") => None,
        text => Some(text),
    };
    let Some(wanted) = wanted else {
        return Ok(match profile.languages[..] {
            [only] => Some(only),
            _ => None,
        });
    };
    let known = wanted
        .parse()
        .ok()
        .filter(|language| profile.languages.contains(language));
    known.map(Some).ok_or_else(|| {
        let message = format!(
            "The model `{}` does not know the language `{}`; it knows: auto, {}.",
            profile.id,
            cut(wanted),
            profile.language_codes().join(", ")
        );
        ApiError::new(ErrorCode::UnsupportedLanguage, message).with_param("language")
    })
}

/// A client's own text, short enough to be said back to it.
fn cut(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model_store::Variant;

    fn read(query: &str, variant: Variant) -> ApiResult<Parsed> {
        parse(
            &mut Form::from_query(query).expect("a sane query"),
            &Catalogue::of(variant),
        )
    }

    fn error(query: &str) -> (ErrorCode, String, String) {
        let error = read(query, Variant::EnFull).expect_err(query);
        (error.code, error.param.unwrap_or_default(), error.message)
    }

    #[test]
    fn defaults_need_no_fields_and_give_no_warnings() {
        let parsed = read("", Variant::EnFull).expect("defaults");
        assert!(parsed.warnings.is_empty());
        assert_eq!(parsed.options.profile.id, "en-in-tech-misc");
        assert_eq!(parsed.options.language.map(Language::code), Some("en"));
        assert!(parsed.options.punctuation && !parsed.options.word_timestamps);
    }

    #[test]
    fn a_model_of_another_variant_is_refused_with_the_loaded_ids() {
        let (code, param, message) = error("model=hinglish-loans");
        assert_eq!((code, param.as_str()), (ErrorCode::ModelNotLoaded, "model"));
        assert!(
            message.contains("en-in-tech-misc, moonshine-tiny-en, whisper-base"),
            "{message}"
        );
    }

    #[test]
    fn a_language_the_model_does_not_know_is_refused_with_those_it_knows() {
        for query in [
            "language=xx",
            "language=fr",
            "language=xx&model=whisper-base",
        ] {
            let (code, param, message) = error(query);
            assert_eq!(
                (code, param.as_str()),
                (ErrorCode::UnsupportedLanguage, "language"),
                "{query}"
            );
            assert!(message.contains("en"), "{message}");
        }
        let parsed = read("language=hi&model=whisper-base", Variant::EnFull).expect("multilingual");
        assert_eq!(parsed.options.language.map(Language::code), Some("hi"));
    }

    #[test]
    fn auto_lets_a_multilingual_model_find_out() {
        for query in ["language=auto", "language=", ""] {
            assert_eq!(
                read(query, Variant::Hinglish)
                    .expect("auto")
                    .options
                    .language,
                None
            );
        }
    }

    #[test]
    fn a_wrong_type_is_refused_with_the_name_of_the_field() {
        for (query, param) in [
            ("word_timestamps=maybe", "word_timestamps"),
            ("punctuation=2", "punctuation"),
            ("itn=maybe", "itn"),
            ("profanity_filter=3", "profanity_filter"),
            ("format=pdf", "format"),
            ("beam_width=0", "beam_width"),
            ("num_speakers=two", "num_speakers"),
            ("hotwords=[", "hotwords"),
            ("diarize=x", "diarize"),
            ("min_speakers=5&max_speakers=2", "min_speakers"),
            ("num_speakers=0", "num_speakers"),
            ("intent_labels=INTENT_NO_SUCH", "intent_labels"),
        ] {
            let (code, named, _) = error(query);
            assert_eq!(
                (code, named.as_str()),
                (ErrorCode::InvalidParameter, param),
                "{query}"
            );
        }
    }

    #[test]
    fn what_will_not_be_done_is_said_and_what_changes_nothing_is_not() {
        let parsed = read(
            "num_speakers=2&use_lm=1&hotwords=EMI&colour=red",
            Variant::EnFull,
        )
        .expect("accepted");
        assert_eq!(parsed.warnings.len(), 2, "{:?}", parsed.warnings);
        let parsed = read(
            "diarize=false&itn=on&profanity_filter=no&n_best=1&hotwords=&use_lm=no",
            Variant::EnFull,
        )
        .expect("accepted");
        assert!(parsed.warnings.is_empty(), "{:?}", parsed.warnings);
    }

    #[test]
    fn a_summary_is_asked_for_by_name_or_prompt_and_not_by_false() {
        let summarize = |query: &str| read(query, Variant::EnFull).expect(query).options.summarize;
        assert_eq!(summarize("summarize=true").as_deref(), Some("true"));
        assert_eq!(summarize("summarize=Rate+it").as_deref(), Some("Rate it"));
        assert_eq!((summarize("summarize=no"), summarize("")), (None, None));
        let parsed = read("summarize=true&format=srt", Variant::EnFull).expect("accepted");
        assert_eq!((parsed.options.summarize, parsed.warnings.len()), (None, 1));
        let (code, param, _) = error(&format!("summarize={}", "x".repeat(20_000)));
        assert_eq!(
            (code, param.as_str()),
            (ErrorCode::InvalidParameter, "summarize")
        );
    }
}
