//! Whose voice it is and how it sounds: ECAPA-TDNN (Desplanques et al. 2020, trained on VoxCeleb by
//! SpeechBrain), one pass over a few seconds of one speaker.

mod excerpt;

pub use excerpt::{excerpt, excerpt_of_spans};

use crate::{SAMPLE_RATE_HZ, SpeechError};
use inference::ort::session::Session;
use inference::ort::value::TensorRef;
use inference::{InferenceError, Pool, Runtime, SessionOptions, timed};
use std::path::Path;

/// Shortest clip that is taken, in seconds: below it a print says more of the words than of the voice.
pub const SHORTEST_CLIP_S: f64 = 0.4;
/// Longest clip that is taken, in seconds: more costs in proportion and adds next to nothing.
pub const LONGEST_CLIP_S: f64 = 6.0;
/// Length of [`Voiceprint::embedding`].
pub const EMBEDDING: usize = 192;
/// Length of [`Voiceprint::statistics`].
pub const STATISTICS: usize = 14_336;

/// No sample of a silent clip is further from zero (-80 dB, under a bit and a half of 16).
const SILENCE: f32 = 1e-4;

/// What one pass over a clip of one voice gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Voiceprint {
    /// Whose voice: 192 numbers of length 1. See [`Self::similarity`].
    pub embedding: Vec<f32>,
    /// How it sounds, for heads to read: mean and standard deviation over time of the network's
    /// layers, in order: block 0 (1024 means, 1024 deviations), blocks 1, 2, 3 likewise, then their
    /// aggregation (3072 and 3072).
    pub statistics: Vec<f32>,
}

impl Voiceprint {
    /// Cosine of two embeddings, -1..1: above some 0.35 it is likely the same voice.
    pub fn similarity(&self, other: &Self) -> f32 {
        let products = self.embedding.iter().zip(&other.embedding);
        products.map(|(a, b)| a * b).sum()
    }
}

/// The loaded network, shared by all that want prints.
#[derive(Clone)]
pub struct Voices {
    sessions: Pool<Session>,
}

impl Voices {
    /// Loads the graph at `path`; `sessions` clips can be printed at the same time, others wait
    /// their turn. Each session has the weights again.
    ///
    /// # Errors
    /// [`InferenceError::Graph`] when the file is absent or not a graph.
    pub fn load(runtime: &Runtime, path: &Path, sessions: usize) -> Result<Self, SpeechError> {
        let options = SessionOptions::default();
        let session = || runtime.session(path, &options);
        Ok(Self {
            sessions: Pool::of(sessions, session)?,
        })
    }

    /// The print of a clip: 16 kHz mono, -1..1, [`SHORTEST_CLIP_S`] to [`LONGEST_CLIP_S`] of one
    /// voice with as little silence as possible, as [`excerpt`] gives it. Samples that are no
    /// numbers count as zero, and loudness hardly matters. Blocks for some 20 ms a second of audio.
    ///
    /// # Errors
    /// [`SpeechError::ClipTooShort`], [`SpeechError::SegmentTooLong`], [`SpeechError::SilentClip`];
    /// [`InferenceError::Run`] when the graph fails.
    pub fn print(&self, samples: &[f32]) -> Result<Voiceprint, SpeechError> {
        let seconds = samples.len() as f64 / f64::from(SAMPLE_RATE_HZ);
        if seconds < SHORTEST_CLIP_S {
            return Err(SpeechError::ClipTooShort {
                seconds,
                least: SHORTEST_CLIP_S,
            });
        }
        if seconds > LONGEST_CLIP_S {
            return Err(SpeechError::SegmentTooLong {
                seconds,
                limit: LONGEST_CLIP_S,
            });
        }
        let wav: Vec<f32> = samples.iter().copied().map(sound).collect();
        if wav.iter().all(|sample| sample.abs() < SILENCE) {
            return Err(SpeechError::SilentClip);
        }
        let input = TensorRef::from_array_view(([1, wav.len()], wav.as_slice()))?;
        let mut session = self.sessions.borrow();
        let outputs = timed("voice", || {
            session.run(inference::ort::inputs!["wav" => input])
        })?;
        let numbers = |name: &str, count: usize| -> Result<Vec<f32>, SpeechError> {
            let found = outputs[name].try_extract_tensor::<f32>()?.1;
            if found.len() == count && found.iter().all(|number| number.is_finite()) {
                return Ok(found.to_vec());
            }
            let said = format!("the voice model gave no {count} numbers as `{name}`");
            Err(InferenceError::Run(said).into())
        };
        let mut embedding = numbers("embedding", EMBEDDING)?;
        normalise(&mut embedding);
        Ok(Voiceprint {
            embedding,
            statistics: numbers("statistics", STATISTICS)?,
        })
    }
}

fn sound(sample: f32) -> f32 {
    if sample.is_finite() {
        sample.clamp(-1.0, 1.0)
    } else {
        0.0
    }
}

/// To length 1.
fn normalise(embedding: &mut [f32]) {
    let length = embedding.iter().map(|x| x * x).sum::<f32>().sqrt();
    let scale = 1.0 / length.max(f32::MIN_POSITIVE);
    embedding.iter_mut().for_each(|x| *x *= scale);
}
