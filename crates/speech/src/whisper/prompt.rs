//! Whisper's special tokens: prompts, languages, what it must not write.

use crate::decode::rules::Rules;
use crate::decode::scores::log_sum_exp;
use crate::vocabulary::Vocabulary;
use crate::{Language, SpeechError};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;

/// The part of `generation_config.json` that decoding needs.
#[derive(Deserialize)]
struct GenerationConfig {
    #[serde(default)]
    lang_to_id: HashMap<String, u32>,
    #[serde(default)]
    suppress_tokens: Vec<i64>,
    #[serde(default)]
    begin_suppress_tokens: Vec<u32>,
    no_timestamps_token_id: u32,
}

/// Special tokens of one model.
pub(crate) struct Prompts {
    /// `<|startoftranscript|>`.
    pub start: u32,
    pub rules: Rules,
    transcribe: u32,
    no_timestamps: u32,
    no_speech: u32,
    languages: Vec<(Language, u32)>,
    model: String,
}

impl Prompts {
    /// Reads `generation_config.json` of `dir`.
    pub fn load(model: &str, dir: &Path, vocabulary: &Vocabulary) -> Result<Self, SpeechError> {
        let path = dir.join("generation_config.json");
        let wrong = |reason: String| SpeechError::ModelFile {
            path: path.clone(),
            reason,
        };
        let bytes = std::fs::read(&path).map_err(|error| wrong(error.to_string()))?;
        let config: GenerationConfig =
            serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        let token = |name: &str| vocabulary.required(name, &dir.join("tokenizer.json"));
        let start = token("<|startoftranscript|>")?;
        let no_speech = vocabulary
            .special("<|nospeech|>")
            .or(vocabulary.special("<|nocaptions|>"));
        let id = |language: Language| config.lang_to_id.get(&format!("<|{language}|>")).copied();
        let languages: Vec<_> = Language::all()
            .filter_map(|language| Some((language, id(language)?)))
            .collect();
        if languages.is_empty() {
            return Err(wrong("no languages in `lang_to_id`".into()));
        }
        Ok(Self {
            start,
            rules: Rules {
                end: token("<|endoftext|>")?,
                suppressed: config
                    .suppress_tokens
                    .iter()
                    .filter_map(|&id| u32::try_from(id).ok())
                    .collect(),
                not_first: config.begin_suppress_tokens,
                special_from: start,
            },
            transcribe: token("<|transcribe|>")?,
            no_timestamps: config.no_timestamps_token_id,
            no_speech: no_speech.unwrap_or(config.no_timestamps_token_id - 1),
            languages,
            model: model.to_owned(),
        })
    }

    /// Languages the model knows.
    pub fn languages(&self) -> Vec<Language> {
        self.languages
            .iter()
            .map(|(language, _)| *language)
            .collect()
    }

    /// Tokens after the start token: language, task, no timestamps.
    pub fn after_start(&self, language: Language) -> Result<Vec<u32>, SpeechError> {
        let known = self.languages.iter().find(|(known, _)| *known == language);
        let unknown = || SpeechError::UnsupportedLanguage {
            model: self.model.clone(),
            language: language.code(),
        };
        known
            .map(|(_, id)| vec![*id, self.transcribe, self.no_timestamps])
            .ok_or_else(unknown)
    }

    /// The whole prompt.
    pub fn whole(&self, language: Language) -> Result<Vec<u32>, SpeechError> {
        let mut prompt = vec![self.start];
        prompt.extend(self.after_start(language)?);
        Ok(prompt)
    }

    /// The likeliest language after the start token, with its share among all languages.
    pub fn detect(&self, row: &[f32]) -> (Language, Option<f32>) {
        let scores: Vec<f32> = self
            .languages
            .iter()
            .map(|&(_, id)| row.get(id as usize).copied().unwrap_or(f32::NEG_INFINITY))
            .collect();
        let best = crate::decode::scores::argmax(&scores);
        (
            self.languages[best].0,
            Some((scores[best] - log_sum_exp(&scores)).exp().min(1.0)),
        )
    }

    /// Probability of "no speech" after the start token.
    pub fn no_speech_probability(&self, row: &[f32]) -> f32 {
        row.get(self.no_speech as usize)
            .map_or(0.0, |&x| (x - log_sum_exp(row)).exp().min(1.0))
    }
}
