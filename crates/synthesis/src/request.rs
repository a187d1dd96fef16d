//! What a caller asks to be said, and what comes of it.

use std::ops::{Range, RangeInclusive};

use crate::{Language, Style, SynthesisError, VoiceMix};

/// Factors of speed that a voice can follow.
pub const SPEED: RangeInclusive<f32> = 0.5..=2.0;

/// Exaggerations that still sound like speech.
pub const EXAGGERATION: RangeInclusive<f32> = 0.0..=2.0;

/// A text, and how to say it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Of any length.
    pub text: String,
    /// Who says it.
    pub voice: VoiceMix,
    /// How the text is read; the voice's own language by default.
    pub language: Option<Language>,
    /// Factor of speed, within [`SPEED`].
    pub speed: f32,
    /// How much wider melody and energy move, within [`EXAGGERATION`]; 1 is twice as wide.
    pub exaggeration: f32,
    /// How it is said.
    pub style: Style,
    /// Words and how they are said: see [`crate::phonemes::Pronunciations`].
    pub pronunciations: Vec<(String, String)>,
    /// Whether someone listens while it is made.
    pub urgency: Urgency,
}

impl Request {
    /// A text in a voice, everything else by default.
    pub fn new(text: impl Into<String>, voice: VoiceMix) -> Self {
        Self {
            text: text.into(),
            voice,
            language: None,
            speed: 1.0,
            exaggeration: 0.0,
            style: Style::default(),
            pronunciations: Vec::new(),
            urgency: Urgency::Live,
        }
    }

    /// The language it is read in.
    pub fn language(&self) -> Language {
        self.language.unwrap_or_else(|| self.voice.language())
    }

    /// # Errors
    /// [`SynthesisError::OutOfRange`].
    pub fn check(&self) -> Result<(), SynthesisError> {
        let out = |name, expected| Err(SynthesisError::OutOfRange { name, expected });
        if !SPEED.contains(&self.speed) {
            return out("speed", "a number from 0.5 to 2.0");
        }
        if !EXAGGERATION.contains(&self.exaggeration) {
            return out("exaggeration", "a number from 0.0 to 2.0");
        }
        Ok(())
    }
}

/// Whether someone listens while sound is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// Yes: sound must come soon and stay ahead of what is heard.
    Live,
    /// No: it gets what the others leave.
    Batch,
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The machine cannot keep ahead of one listener more; it begins when others are done.
    Waiting {
        /// Speeches before this one.
        ahead: usize,
    },
    /// Sound.
    Sound(Sound),
}

/// A stretch of sound.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sound {
    /// Mono, at [`crate::SAMPLE_RATE`], -1..1.
    pub samples: Vec<f32>,
    /// Words that begin in it.
    pub words: Vec<SpokenWord>,
}

/// A word as the caller wrote it, and when it is heard.
#[derive(Debug, Clone, PartialEq)]
pub struct SpokenWord {
    /// As it is written.
    pub text: String,
    /// Where it stands, in bytes.
    pub source: Range<usize>,
    /// Seconds from the speech's first sample to its beginning.
    pub start: f64,
    /// And to its end.
    pub end: f64,
}
