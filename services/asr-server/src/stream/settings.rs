//! How a stream is to be listened to, from the configuration or the address.

use crate::insight::Wishes;
use crate::options;
use crate::profiles::{Catalogue, Profile};
use crate::search::Search;
use audio::LiveEncoding;
use service::{ApiError, ApiResult, Form};
use speech::{Language, ModelKind};
use std::sync::Arc;

/// Longest wait after a pause, and so the longest `endpointing_ms`.
pub const LONGEST_WAIT_MS: u32 = 2_000;
/// Longest name of a channel in characters.
const LONGEST_CHANNEL: usize = 64;

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Of the samples sent; of no matter for Opus.
    pub sample_rate: u32,
    /// How samples travel.
    pub encoding: LiveEncoding,
    /// The profile that answers.
    pub profile: Arc<Profile>,
    /// The acoustic model that listens.
    pub acoustic: String,
    /// The language spoken; `None` lets the model find out.
    pub language: Option<Language>,
    /// Whether to send transcripts that may still change.
    pub interim_results: bool,
    /// Said again in every transcript.
    pub channel: String,
    /// Silence in seconds after which an utterance may be over.
    pub endpointing_s: f64,
    /// Whether what is likely to be finished is final sooner.
    pub eager: bool,
    /// Whether finals carry words with times.
    pub word_timestamps: bool,
    /// How the words of finals are searched for.
    pub search: Search,
    /// What finals tell beside the words.
    pub wishes: Wishes,
    /// Whether punctuation and casing stay.
    pub punctuation: bool,
    /// Whether numbers are written as digits.
    pub itn: bool,
    /// Whether profanity is masked.
    pub profanity_filter: bool,
    /// Whether noise is taken out first.
    pub noise_reduce: bool,
    /// Whether pauses within an utterance are told.
    pub vad_events: bool,
}

/// Reads the fields of a configuration; gives what was accepted but will not be done as well.
pub fn parse(form: &mut Form, catalogue: &Catalogue) -> ApiResult<(Settings, Vec<String>)> {
    let mut warnings = Vec::new();
    let profile = options::profile(form.text("model"), catalogue)?;
    let language = options::language(form.text("language"), &profile)?;
    let encoding = match form.one_of("encoding", &["s16le", "linear16", "mulaw", "alaw", "opus"])? {
        Some("mulaw") => LiveEncoding::Mulaw,
        Some("alaw") => LiveEncoding::Alaw,
        Some("opus") => LiveEncoding::Opus,
        _ => LiveEncoding::S16le,
    };
    let channel = form.text("channel").unwrap_or_else(|| "microphone".into());
    if channel.chars().count() > LONGEST_CHANNEL {
        let message = format!("`channel` must have at most {LONGEST_CHANNEL} characters.");
        return Err(ApiError::invalid_parameter("channel", message));
    }
    let wishes = Wishes::read_live(form, &mut warnings)?;
    let search = Search::read(form, profile.kind, &mut warnings)?;
    let endpointing = form.number("endpointing_ms", 10..=LONGEST_WAIT_MS)?;
    let mut flag =
        |name: &str, default: bool| -> ApiResult<bool> { Ok(form.bool(name)?.unwrap_or(default)) };
    let settings = Settings {
        wishes,
        search,
        interim_results: flag("interim_results", true)?,
        word_timestamps: flag("word_timestamps", false)?,
        punctuation: flag("punctuation", true)?,
        itn: flag("itn", true)?,
        profanity_filter: flag("profanity_filter", false)?,
        noise_reduce: flag("noise_reduce", false)?,
        vad_events: flag("vad_events", false)?,
        eager: flag("eager", false)?,
        sample_rate: form
            .number("sample_rate", 8_000..=48_000)?
            .unwrap_or(16_000),
        endpointing_s: f64::from(endpointing.unwrap_or(500)) / 1000.0,
        acoustic: acoustic(catalogue, &profile, language),
        encoding,
        profile,
        language,
        channel,
    };
    warnings.extend(form.warnings());
    Ok((settings, warnings))
}

/// English is heard by Moonshine wherever the variant has it: it costs a fraction of Whisper, and
/// in proportion to the length. Other languages by the profile's own model.
fn acoustic(catalogue: &Catalogue, profile: &Profile, language: Option<Language>) -> String {
    let quick = catalogue
        .profiles
        .iter()
        .find(|other| other.kind == ModelKind::Moonshine);
    match (language, quick) {
        // A client that names an acoustic model gets it.
        _ if profile.id == profile.acoustic => profile.acoustic.clone(),
        (Some(Language::ENGLISH), Some(quick)) => quick.acoustic.clone(),
        _ => profile.acoustic.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::ErrorCode;
    use model_store::Variant;

    fn read(query: &str, variant: Variant) -> ApiResult<(Settings, Vec<String>)> {
        let mut form = Form::from_query(query).expect("a sane query");
        parse(&mut form, &Catalogue::of(variant))
    }

    #[test]
    fn english_is_heard_by_moonshine_and_other_languages_by_whisper() {
        let acoustic = |query, variant| read(query, variant).expect(query).0.acoustic;
        assert_eq!(acoustic("", Variant::EnFull), "moonshine-tiny-en");
        assert_eq!(
            acoustic("model=whisper-base&language=en", Variant::EnFull),
            "whisper-base"
        );
        assert_eq!(acoustic("language=de", Variant::MultiFull), "whisper-small");
        assert_eq!(
            acoustic("language=auto", Variant::MultiFull),
            "whisper-small"
        );
    }

    #[test]
    fn a_wrong_value_is_refused_with_the_name_of_the_field() {
        for (query, param) in [
            ("sample_rate=1", "sample_rate"),
            ("sample_rate=96000", "sample_rate"),
            ("encoding=mp3", "encoding"),
            ("endpointing_ms=-1", "endpointing_ms"),
            ("endpointing_ms=5000", "endpointing_ms"),
            ("interim_results=perhaps", "interim_results"),
            ("diarize=2", "diarize"),
            ("n_best=9&beam_width=3", "n_best"),
            ("lm_mode=wild", "lm_mode"),
        ] {
            let error = read(query, Variant::EnLite).expect_err(query);
            assert_eq!(error.code, ErrorCode::InvalidParameter, "{query}");
            assert_eq!(error.param.as_deref(), Some(param), "{query}");
        }
        let error = read("model=nope", Variant::EnLite).expect_err("no such model");
        assert_eq!(error.code, ErrorCode::ModelNotLoaded);
    }

    #[test]
    fn what_will_not_be_done_is_said() {
        let (_, warnings) =
            read("max_speakers=3&hotwords=EMI&colour=red", Variant::EnLite).expect("accepted");
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        let (settings, warnings) =
            read("sample_rate=8000&encoding=mulaw", Variant::EnLite).expect("accepted");
        assert!(warnings.is_empty(), "{warnings:?}");
        assert_eq!(
            (settings.sample_rate, settings.encoding),
            (8_000, LiveEncoding::Mulaw)
        );
    }
}
