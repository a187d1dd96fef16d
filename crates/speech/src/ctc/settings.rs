//! `ctc.json`: what a folder with a CTC model says of itself. Everything has a default; docs/ctc.md
//! is the reference.

use crate::{Language, SpeechError};
use serde::Deserialize;
use std::path::Path;

/// Name of the file.
pub(crate) const FILE: &str = "ctc.json";

/// What a model wants and gives.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// A sentence for `GET /models`.
    pub description: String,
    /// Licence of the weights.
    pub licence: String,
    /// ISO 639-1 codes.
    pub languages: Vec<String>,
    /// What the model hears.
    pub input: Input,
    /// How log-mel features are made, where it hears those.
    pub features: Features,
    /// What it says.
    pub output: Output,
    /// Seconds per output frame; else audio's length over the number of frames.
    pub frame_seconds: Option<f64>,
    /// Seconds to add to every moment that the frames give.
    pub offset_seconds: f64,
    /// Seconds by which a word begins before its first token and ends after its last one.
    pub spread_seconds: f64,
    /// The blank's id or name; else the first of the usual names, or one past the vocabulary.
    pub blank: Option<Blank>,
    /// The token that parts words, where it is not a space or `|`.
    pub word_delimiter: Option<String>,
    /// Shorter audio is padded with silence, in seconds.
    pub min_seconds: f64,
    /// Longest audio heard at once, in seconds.
    pub max_seconds: f64,
    /// Whether text is put in lower case.
    pub lowercase: bool,
    /// Categories of tags in which other models know better: theirs stand before this model's.
    pub heads_first: Vec<String>,
}

/// The input of the graph.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Input {
    pub kind: InputKind,
    /// Its name; else the graph's first input.
    pub name: Option<String>,
    /// Of a second input, i64 `[1]`, that takes the number of samples or frames.
    pub length: Option<String>,
    /// Whether features are `[1, frames, bands]` rather than `[1, bands, frames]`.
    pub time_first: bool,
    /// Whether samples are brought to mean 0 and variance 1, as wav2vec 2.0 wants.
    pub normalize: bool,
}

/// What a graph hears.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InputKind {
    /// f32 `[1, samples]`, 16 kHz, -1..=1.
    #[default]
    Samples,
    /// f32 log-mel features.
    LogMel,
}

/// Log-mel features; the defaults are NeMo's.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Features {
    pub bands: usize,
    /// Points of the Fourier transform.
    pub fft: usize,
    pub window_seconds: f64,
    pub hop_seconds: f64,
    pub preemphasis: f32,
    pub low_hz: f32,
    pub high_hz: f32,
    pub scale: Scale,
    /// Added before the logarithm.
    pub floor: f32,
    pub normalize: Normalize,
}

/// A mel scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scale {
    /// Slaney's, filters of equal area (librosa's default).
    Slaney,
    /// HTK's, filters of equal height (torchaudio's default).
    Htk,
}

/// What is done with each band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Normalize {
    None,
    /// Mean 0 and standard deviation 1 over the segment.
    PerBand,
    /// Mean 0 over the segment.
    Mean,
}

/// The output of the graph, f32 `[1, frames, tokens]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Output {
    /// Its name; else the graph's first output.
    pub name: Option<String>,
    /// Whether it holds probabilities. Logits and log probabilities need not be told apart.
    pub probabilities: bool,
}

/// Which token is the blank.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Blank {
    Id(u32),
    Name(String),
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            description: "A CTC model of this installation's own.".into(),
            licence: "not stated".into(),
            languages: vec!["en".into()],
            input: Input::default(),
            features: Features::default(),
            output: Output::default(),
            frame_seconds: None,
            offset_seconds: 0.0,
            spread_seconds: 0.0,
            blank: None,
            word_delimiter: None,
            min_seconds: 0.5,
            max_seconds: 30.0,
            lowercase: false,
            heads_first: Vec::new(),
        }
    }
}

impl Default for Features {
    fn default() -> Self {
        Self {
            bands: 80,
            fft: 512,
            window_seconds: 0.025,
            hop_seconds: 0.01,
            preemphasis: 0.97,
            low_hz: 0.0,
            high_hz: 8000.0,
            scale: Scale::Slaney,
            floor: 1.0 / 16_777_216.0,
            normalize: Normalize::PerBand,
        }
    }
}

impl Settings {
    /// The settings in `dir`; the defaults where there is no file.
    pub fn load(dir: &Path) -> Result<Self, SpeechError> {
        let path = dir.join(FILE);
        let wrong = |reason: String| SpeechError::ModelFile {
            path: path.clone(),
            reason,
        };
        let settings: Self = match std::fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(wrong(error.to_string())),
        };
        match settings.fault() {
            Some(reason) => Err(wrong(reason)),
            None => Ok(settings),
        }
    }

    /// The languages, of which there is one at least.
    pub fn languages(&self) -> Vec<Language> {
        let known = self.languages.iter().filter_map(|code| code.parse().ok());
        known.collect()
    }

    fn fault(&self) -> Option<String> {
        let f = &self.features;
        if let Some(code) = self
            .languages
            .iter()
            .find(|it| it.parse::<Language>().is_err())
        {
            return Some(format!("`{code}` is no language code that is known here"));
        }
        let checks = [
            (!self.languages.is_empty(), "`languages` is empty"),
            (
                self.frame_seconds
                    .is_none_or(|it| (0.001..=0.5).contains(&it)),
                "`frame_seconds` must be between 0.001 and 0.5",
            ),
            (
                (0.0..=0.5).contains(&self.spread_seconds),
                "`spread_seconds` must be between 0 and 0.5",
            ),
            (
                (-1.0..=1.0).contains(&self.offset_seconds),
                "`offset_seconds` must be between -1 and 1",
            ),
            (
                (0.0..=5.0).contains(&self.min_seconds),
                "`min_seconds` must be between 0 and 5",
            ),
            (
                (5.0..=59.0).contains(&self.max_seconds),
                "`max_seconds` must be between 5 and 59",
            ),
            (
                (1..=256).contains(&f.bands),
                "`features.bands` must be between 1 and 256",
            ),
            (
                (64..=4096).contains(&f.fft),
                "`features.fft` must be between 64 and 4096",
            ),
            (
                (0.001..=f.fft as f64 / 16_000.0).contains(&f.window_seconds),
                "`features.window_seconds` must not be longer than `features.fft` samples",
            ),
            (
                (0.001..=0.1).contains(&f.hop_seconds),
                "`features.hop_seconds` must be between 0.001 and 0.1",
            ),
            (
                0.0 <= f.low_hz && f.low_hz < f.high_hz && f.high_hz <= 8000.0,
                "`features.low_hz` must be below `features.high_hz`, and that at most 8000",
            ),
            (
                f.floor > 0.0 && f.floor < 1.0,
                "`features.floor` must be between 0 and 1",
            ),
            (
                (0.0..1.0).contains(&f.preemphasis),
                "`features.preemphasis` must be between 0 and 1",
            ),
        ];
        let failed = checks.iter().find(|(holds, _)| !holds);
        failed.map(|(_, reason)| (*reason).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Settings, String> {
        let settings: Settings = serde_json::from_str(json).map_err(|error| error.to_string())?;
        settings.fault().map_or(Ok(settings), Err)
    }

    #[test]
    fn everything_has_a_default() {
        let settings = read("{}").expect("nothing is required");
        assert_eq!(settings.input.kind, InputKind::Samples);
        assert_eq!(settings.languages(), [Language::ENGLISH]);
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        for (json, named) in [
            (r#"{"blanc": 0}"#, "blanc"),
            (r#"{"languages": ["xx"]}"#, "xx"),
            (r#"{"languages": []}"#, "languages"),
            (r#"{"frame_seconds": 0}"#, "frame_seconds"),
            (r#"{"max_seconds": 1e9}"#, "max_seconds"),
            (r#"{"features": {"high_hz": 9000}}"#, "high_hz"),
            (r#"{"input": {"kind": "waves"}}"#, "waves"),
        ] {
            let error = read(json).expect_err(json);
            assert!(error.contains(named), "{json}: {error}");
        }
    }
}
