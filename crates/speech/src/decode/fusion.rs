//! What the search adds to the model's own scores: a language model's opinion of every word, and
//! a reward for hotwords.
//!
//! A hypothesis scores `sum of ln P(token) + sum over its words of m (alpha ln P(word | before) +
//! beta) + w letters`: `m` is 1, or [`LmWeights::strict`] in that mode, `letters` those of the
//! hotwords in it, and `w` is `hotword_weight` times [`NATS_PER_LETTER`].

use super::hotwords::{Bias, Hotwords};
use super::spelling::{Mark, mark, take_chars};
use crate::{Language, ModelKind, SpeechError};
use language_model::{LanguageModel, State};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How much the language model counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LmMode {
    /// Not at all.
    Greedy,
    /// As `alpha` and `beta` say.
    #[default]
    Balanced,
    /// Several times as much: for speech that is like the text the language model was made from.
    Strict,
}

/// What a language model's opinion is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LmWeights {
    /// Of a nat of its, 0 to 10.
    pub alpha: f32,
    /// Nats for each word it is asked about, -10 to 10: without them, few long words win.
    pub beta: f32,
    /// What both are multiplied by in [`LmMode::Strict`].
    pub strict: f32,
}

impl ModelKind {
    /// Measured (docs/decoding.md). Models that write token by token have learned what words follow
    /// each other; CTC models have not.
    pub fn lm_weights(self) -> LmWeights {
        let (alpha, beta, strict) = match self {
            Self::Moonshine => (0.1, 0.5, 3.0),
            Self::Whisper => (0.05, 0.5, 3.0),
            Self::Ctc => (0.3, 1.5, 2.0),
        };
        LmWeights {
            alpha,
            beta,
            strict,
        }
    }
}

/// Nats that a letter of a hotword is worth at a weight of 1; 0.4 nat at the default weight of 10.
/// Measured: at more than twice as much other words suffer.
pub const NATS_PER_LETTER: f32 = 0.04;
/// The least a word is thought to be worth, in nats: a word that was never read is not impossible.
const LEAST_LN_PROB: f32 = -14.0;
/// The longest word that is looked up, in bytes.
const LONGEST_WORD: usize = 64;

/// Words for numbers, which speech writes either way: they are no better or worse than digits.
const NUMBERS: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
    "million",
    "billion",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "percent",
    "dollars",
    "dollar",
    "cents",
];
/// Abbreviations whose dot ends no sentence.
const ABBREVIATIONS: &[&str] = &["mr", "mrs", "ms", "dr", "st", "jr", "vs", "no", "prof"];

/// What to add to the model's own scores.
#[derive(Clone)]
pub struct Fusion {
    /// Of the language spoken. Engines choose it from `by_language`, where that has any.
    pub language_model: Option<Arc<LanguageModel>>,
    /// The language models there are, for speech whose language turns out while it is recognised.
    pub by_language: Arc<BTreeMap<Language, Arc<LanguageModel>>>,
    /// How much it counts.
    pub mode: LmMode,
    /// What that is worth.
    pub weights: LmWeights,
    /// Words to listen for.
    pub hotwords: Option<Arc<Hotwords>>,
    /// What their letters are worth, 0 to 100.
    pub hotword_weight: f32,
}

impl Default for Fusion {
    fn default() -> Self {
        Self {
            language_model: None,
            by_language: Arc::default(),
            mode: LmMode::Balanced,
            weights: ModelKind::Moonshine.lm_weights(),
            hotwords: None,
            hotword_weight: 10.0,
        }
    }
}

impl std::fmt::Debug for Fusion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fusion")
            .field("language_model", &self.language_model.is_some())
            .field("mode", &self.mode)
            .field("weights", &self.weights)
            .field("hotwords", &self.hotwords.as_ref().map(|it| it.len()))
            .field("hotword_weight", &self.hotword_weight)
            .finish()
    }
}

/// What is known of the text of one hypothesis so far.
#[derive(Debug, Clone, Default)]
pub struct Fused {
    /// Bytes of a character that is not whole.
    bytes: Vec<u8>,
    /// The word that is being spelled, in lower case.
    word: String,
    /// The word before ended in a full stop.
    stopped: bool,
    /// A hotword was complete at the last letter.
    hot: bool,
    state: Option<State>,
    bias: Option<Bias>,
}

impl Fusion {
    /// Whether a language model takes part.
    pub fn uses_language_model(&self) -> bool {
        self.language_model.is_some() && self.strength() > 0.0
    }

    /// Whether any hotword takes part.
    pub fn uses_hotwords(&self) -> bool {
        self.hotword_weight > 0.0 && self.hotwords.as_ref().is_some_and(|it| !it.is_empty())
    }

    /// Refuses values out of range.
    pub(crate) fn check(&self) -> Result<(), SpeechError> {
        let wrong = |name, expected| Err(SpeechError::InvalidOption { name, expected });
        if !(0.0..=10.0).contains(&self.weights.alpha) {
            return wrong("lm_alpha", "between 0 and 10");
        }
        if !(-10.0..=10.0).contains(&self.weights.beta) {
            return wrong("lm_beta", "between -10 and 10");
        }
        if !(0.0..=100.0).contains(&self.hotword_weight) {
            return wrong("hotword_weight", "between 0 and 100");
        }
        Ok(())
    }

    /// For speech in this language: with the language model of it, if there is one.
    pub fn in_language(&self, language: Language) -> Self {
        let mut chosen = self.clone();
        if !self.by_language.is_empty() {
            chosen.language_model = self.by_language.get(&language).cloned();
        }
        chosen
    }

    /// Before any text.
    pub fn begin(&self) -> Fused {
        Fused {
            state: self.model().map(LanguageModel::begin),
            bias: self.listens().map(|_| Hotwords::begin()),
            ..Fused::default()
        }
    }

    /// After a token more, given as the bytes of the text it stands for (its space included): nats
    /// to add to the score. A word is judged when the next begins.
    pub fn feed(&self, fused: &mut Fused, token: &[u8]) -> f32 {
        fused.bytes.extend_from_slice(token);
        let text = take_chars(&mut fused.bytes);
        let mut gain = 0.0;
        let (model, hotwords) = (self.model(), self.listens());
        for c in text.chars() {
            if let (Some(hotwords), Some(bias)) = (hotwords, &mut fused.bias) {
                fused.hot = hotwords.is_complete(*bias);
                let (next, letters) = hotwords.advance(*bias, c.encode_utf8(&mut [0; 4]));
                *bias = next;
                gain += letters * self.hotword_weight * NATS_PER_LETTER;
            }
            if let Some(model) = model {
                gain += self.spell(model, fused, c);
            }
        }
        gain
    }

    /// Nats to add if the text ends here.
    pub fn finish(&self, fused: &Fused) -> f32 {
        let mut last = fused.clone();
        let mut gain = 0.0;
        if let (Some(hotwords), Some(bias)) = (self.listens(), fused.bias) {
            last.hot = hotwords.is_complete(bias);
            gain += hotwords.finish(bias) * self.hotword_weight * NATS_PER_LETTER;
        }
        gain + self
            .model()
            .map_or(0.0, |model| self.close(model, &mut last))
    }

    /// Nats that were given in advance, for a hotword that is not complete.
    pub fn advance_pay(&self, fused: &Fused) -> f32 {
        let letters = self
            .listens()
            .zip(fused.bias)
            .map(|(it, bias)| it.open_letters(bias));
        letters.unwrap_or(0.0) * self.hotword_weight * NATS_PER_LETTER
    }

    /// How far a hotword has come.
    pub(crate) fn bias(&self, fused: &Fused) -> Option<(&Hotwords, Bias)> {
        self.listens().map(Arc::as_ref).zip(fused.bias)
    }

    fn strength(&self) -> f32 {
        match self.mode {
            LmMode::Greedy => 0.0,
            LmMode::Balanced => 1.0,
            LmMode::Strict => self.weights.strict,
        }
    }

    fn model(&self) -> Option<&LanguageModel> {
        self.language_model
            .as_deref()
            .filter(|_| self.strength() > 0.0)
    }

    fn listens(&self) -> Option<&Arc<Hotwords>> {
        self.hotwords.as_ref().filter(|_| self.uses_hotwords())
    }

    /// A character more of a word, or the end of it.
    fn spell(&self, model: &LanguageModel, fused: &mut Fused, c: char) -> f32 {
        match mark(c) {
            Mark::Letter => fused.word.extend(c.to_lowercase()),
            Mark::Apostrophe => fused.word.push('\''),
            Mark::Break => return self.close(model, fused),
            Mark::Stop => fused.stopped = !fused.word.is_empty(),
            Mark::Nothing => {}
        }
        0.0
    }

    /// The word is complete: what it is worth.
    fn close(&self, model: &LanguageModel, fused: &mut Fused) -> f32 {
        let word = std::mem::take(&mut fused.word);
        let stopped = std::mem::take(&mut fused.stopped);
        let Some(state) = &mut fused.state else {
            return 0.0;
        };
        let mut gain = 0.0;
        let bare = word.trim_matches('\'');
        if !bare.is_empty() && bare.len() <= LONGEST_WORD {
            let mut scored = model.score(state, &word);
            if !scored.known && bare.len() < word.len() {
                scored = model.score(state, bare);
            }
            let neutral = bare.contains(|c: char| c.is_numeric())
                || NUMBERS.contains(&bare)
                || (fused.hot && !scored.known);
            if !neutral {
                let ln_prob = scored.ln_prob.max(LEAST_LN_PROB);
                gain = self.strength() * (self.weights.alpha * ln_prob + self.weights.beta);
            }
            *state = scored.state;
        }
        if stopped && !ABBREVIATIONS.contains(&bare) {
            *state = model.begin();
        }
        gain
    }
}

#[cfg(test)]
#[path = "fusion_tests.rs"]
mod tests;
