//! Who speaks when: segmentation windows, an embedding for each stretch of a local speaker,
//! clustering, and turns on the recording's timeline. See docs/speakers.md.

mod assignment;
mod attribute;
mod clustering;
mod limits;
mod reconstruct;
mod recording;
mod segmentation;
mod speakers;
mod stretch;
mod tracker;
mod utterance;

pub use attribute::WordRun;
pub use limits::{DiarizationOptions, SpeakerLimits};
pub use recording::{Heard, Recording};
pub use tracker::SpeakerTracker;
pub use utterance::Alternation;

use crate::SpeechError;
use crate::voice::{Voiceprint, Voices};
use inference::Runtime;
use segmentation::Segmentation;
use std::path::Path;

/// The two models, shared by all recordings.
#[derive(Clone)]
pub struct Diarizer {
    segmentation: Segmentation,
    voices: Voices,
}

impl Diarizer {
    /// Loads the segmentation graph; as many recordings as there are `sessions` run it at once.
    ///
    /// # Errors
    /// [`inference::InferenceError::Graph`] when the file is absent or not a graph.
    pub fn load(
        runtime: &Runtime,
        segmentation: &Path,
        voices: Voices,
        sessions: usize,
    ) -> Result<Self, SpeechError> {
        Ok(Self {
            segmentation: Segmentation::load(runtime, segmentation, sessions)?,
            voices,
        })
    }

    /// A recording to be heard. `features` makes of each embedded stretch (its voiceprint and
    /// samples, 16 kHz) what is kept of it in [`Chunk::features`]; a voiceprint itself is too big
    /// to keep for an hour.
    pub fn recording<F>(
        &self,
        features: impl FnMut(&Voiceprint, &[f32]) -> F + Send + 'static,
    ) -> Recording<F> {
        Recording::new(self.clone(), Box::new(features))
    }
}

/// Who spoke when. Speakers are numbered in the order in which they are first heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Diarization<F = ()> {
    /// By start. Turns of different speakers may overlap, those of one do not.
    pub turns: Vec<Turn>,
    /// One for each number.
    pub speakers: Vec<Speaker>,
    /// What was embedded, by start.
    pub chunks: Vec<Chunk<F>>,
}

/// One speaker speaks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    /// Seconds from the start of the recording.
    pub start_s: f64,
    /// Seconds from the start of the recording.
    pub end_s: f64,
    /// Who.
    pub speaker: usize,
    /// How likely it is this speaker and no other, 0..1.
    pub confidence: f32,
}

/// A speaker of the recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Speaker {
    /// Mean of the embeddings of the speaker's chunks: 192 numbers, of length one.
    pub embedding: Vec<f32>,
    /// How long the speaker speaks, overlaps included.
    pub seconds: f64,
}

/// A stretch of which the voice was embedded: mostly one speaker alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chunk<F> {
    /// Where its first sample lies, in seconds. Other speakers and pauses within are left out.
    pub start_s: f64,
    /// Where its last sample ends.
    pub end_s: f64,
    /// Who.
    pub speaker: usize,
    /// What was made of the voiceprint.
    pub features: F,
}

/// Probability that the nearest speaker is the right one, from how much more similar (cosine) a
/// voice is to it than to the next: a logistic curve, fitted on mixtures (docs/speakers.md).
fn confidence(margin: f32) -> f32 {
    1.0 / (1.0 + (-0.1 - 6.7 * margin).exp())
}
