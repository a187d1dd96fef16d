//! What an engine believes was said.

use crate::{Inline, Language};

/// The outcome of recognising one segment. An empty `text` means: no words in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// What was said, trimmed; empty when nothing was or when it was `rejected`.
    pub text: String,
    /// Every token the model wrote, special ones included; also of a rejected output.
    pub tokens: Vec<u32>,
    /// How many of `tokens` were given to the model: its prompt, and the context.
    pub given: usize,
    /// `tokens` as text, special tokens included; also of a rejected output.
    pub raw_text: String,
    /// One per word of `text`, in order, on the source's timeline. Times are exact only with
    /// [`crate::DecodeOptions::word_timestamps`]; without it the list is empty.
    pub words: Vec<Word>,
    /// What else it may have been, best first and this hypothesis the first of them, where
    /// [`crate::DecodeOptions::n_best`] asks for more than one; they differ in their words.
    pub alternatives: Vec<Alternative>,
    /// Tags and entities that a CTC model wrote between the words.
    pub inline: Inline,
    /// Calibrated probability that a word of this segment is right, 0..1; 0 without words.
    pub confidence: f32,
    /// Language spoken (given or detected).
    pub language: Language,
    /// Probability of `language`, 0..1, where the model detected it; `None` where it was given
    /// or the model knows only one.
    pub language_confidence: Option<f32>,
    /// Mean natural-log probability of the tokens.
    pub avg_logprob: f32,
    /// Probability the model gives to "no speech here", 0..1; 0 for models without that token.
    pub no_speech_prob: f32,
    /// Bytes of the text over bytes of it deflated: above 2.4 it repeats itself.
    pub compression_ratio: f32,
    /// Temperature the text was decoded at (0 = no sampling).
    pub temperature: f32,
    /// What really ran.
    pub decoder: DecoderKind,
    /// Why words the model wrote were thrown away, if they were.
    pub rejected: Option<Rejection>,
}

impl Hypothesis {
    /// One without words; for who builds others from it.
    pub fn nothing() -> Self {
        Self {
            text: String::new(),
            tokens: Vec::new(),
            given: 0,
            raw_text: String::new(),
            words: Vec::new(),
            alternatives: Vec::new(),
            inline: Inline::default(),
            confidence: 0.0,
            language: Language::ENGLISH,
            language_confidence: None,
            avg_logprob: 0.0,
            no_speech_prob: 0.0,
            compression_ratio: 0.0,
            temperature: 0.0,
            decoder: DecoderKind::Greedy,
            rejected: None,
        }
    }

    /// The tokens that are about this segment.
    pub fn own_tokens(&self) -> &[u32] {
        &self.tokens[self.given.min(self.tokens.len())..]
    }
}

/// One of several readings of a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    /// As [`Hypothesis::text`].
    pub text: String,
    /// As [`Hypothesis::words`].
    pub words: Vec<Word>,
    /// As [`Hypothesis::confidence`]; never above that of a better alternative.
    pub confidence: f32,
    /// Nats behind the best, 0 or less.
    pub score: f32,
}

/// A word with its times.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// As written in the text, adjoining punctuation included.
    pub text: String,
    /// Seconds on the source's timeline.
    pub start_s: f64,
    /// Seconds on the source's timeline; after `start_s`, not after the next word's start.
    pub end_s: f64,
    /// Calibrated probability that the word is right, 0..1.
    pub confidence: f32,
    /// What `confidence` is told from: log odds of the mean probability of the word's tokens, log
    /// odds of the least probable of them, mean log probability of the segment.
    pub evidence: [f32; 3],
}

/// How the tokens were searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DecoderKind {
    /// The likeliest token at each step (or a sampled one, after a fallback).
    Greedy,
    /// Length-normalised beam search.
    Beam,
    /// The same with a language model.
    BeamLm,
}

impl DecoderKind {
    /// `greedy`, `beam_search` or `beam_search_kenlm`, as responses name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Greedy => "greedy",
            Self::Beam => "beam_search",
            Self::BeamLm => "beam_search_kenlm",
        }
    }
}

/// Why the model's words were not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// The samples carry next to no energy.
    Silence,
    /// The model itself says that nobody speaks, and is unsure of its words.
    NoSpeech,
    /// The words are so unlikely that they are invented.
    LowProbability,
    /// The output loops.
    Repetition,
}
