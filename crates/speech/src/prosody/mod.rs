//! How something was said: pitch, loudness, voice quality and pace of an utterance, as numbers.
//!
//! The measures follow the minimal set of Eyben et al. 2016 ("The Geneva Minimalistic Acoustic
//! Parameter Set"), kept to what a telephone line carries (below 4 kHz).

mod frames;
mod pitch;
mod summary;
#[cfg(test)]
mod tests;

use frames::FrameAnalysis;

pub use summary::NAMES;

/// Samples from frame to frame: 10 ms.
const HOP: usize = 160;
/// Frames in a second.
const FRAMES_PER_S: f32 = 100.0;
/// At most this much of an utterance is measured: its first 20 s.
const LONGEST_SAMPLES: usize = 20 * 16_000;
/// An utterance with fewer voiced frames than this tells nothing: 150 ms.
const FEWEST_VOICED: usize = 15;

/// Planned transforms; make one and share it.
pub struct ProsodyAnalyzer {
    frames: FrameAnalysis,
}

/// One number for each of [`NAMES`]; all are finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Prosody {
    values: Vec<f32>,
    voiced_s: f32,
}

impl ProsodyAnalyzer {
    /// Plans the transforms.
    pub fn new() -> Self {
        Self {
            frames: FrameAnalysis::new(),
        }
    }

    /// Measures mono 16 kHz `samples`, at most the first 20 s. Nothing when fewer than 150 ms of it
    /// are voiced: silence, noise, a whisper. Samples that are no numbers count as silence.
    pub fn measure(&self, samples: &[f32]) -> Option<Prosody> {
        let frames = self.analyze(samples);
        let track = pitch::track(&frames);
        let voiced = track.iter().flatten().count();
        (voiced >= FEWEST_VOICED).then(|| Prosody {
            values: summary::summarize(&frames, &track),
            voiced_s: voiced as f32 / FRAMES_PER_S,
        })
    }

    /// Pitch in Hz every 10 ms; nothing where there is no voice.
    pub fn pitch(&self, samples: &[f32]) -> Vec<Option<f32>> {
        let track = pitch::track(&self.analyze(samples));
        track.iter().map(|point| point.map(|p| p.hz)).collect()
    }

    fn analyze(&self, samples: &[f32]) -> Vec<frames::Frame> {
        self.frames
            .run(&samples[..samples.len().min(LONGEST_SAMPLES)])
    }
}

impl Default for ProsodyAnalyzer {
    fn default() -> Self {
        Self::new()
    }
}

impl Prosody {
    /// The numbers, in the order of [`NAMES`].
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// How much of it is voiced, in seconds.
    pub fn voiced_s(&self) -> f32 {
        self.voiced_s
    }

    /// The number called `name`.
    pub fn get(&self, name: &str) -> Option<f32> {
        let place = NAMES.iter().position(|known| *known == name)?;
        Some(self.values[place])
    }
}
