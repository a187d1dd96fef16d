//! How much of an utterance is voiced, and at which pitch (Boersma 1993).
//!
//! What a telephone does not carry (above 4 kHz) is not looked at.

mod frames;
mod pitch;
#[cfg(test)]
mod tests;

use frames::FrameAnalysis;

/// Samples from frame to frame: 10 ms.
const HOP: usize = 160;
/// Frames in a second.
const FRAMES_PER_S: f32 = 100.0;
/// At most this much of an utterance is looked at: its first 20 s.
const LONGEST_SAMPLES: usize = 20 * 16_000;
/// Fewer voiced frames than this are no voice: 150 ms.
const FEWEST_VOICED: usize = 15;

/// Planned transforms; make one and share it.
pub struct Voicing {
    frames: FrameAnalysis,
}

impl Voicing {
    /// Plans the transforms.
    pub fn new() -> Self {
        Self {
            frames: FrameAnalysis::new(),
        }
    }

    /// Seconds of mono 16 kHz `samples` that are voiced, of the first 20 s. Nothing when it is less
    /// than 150 ms: silence, noise, a whisper. Samples that are no numbers count as silence.
    pub fn voiced_s(&self, samples: &[f32]) -> Option<f32> {
        let voiced = self.pitch(samples).iter().flatten().count();
        (voiced >= FEWEST_VOICED).then(|| voiced as f32 / FRAMES_PER_S)
    }

    /// Pitch in Hz every 10 ms; nothing where there is no voice.
    pub fn pitch(&self, samples: &[f32]) -> Vec<Option<f32>> {
        let heard = &samples[..samples.len().min(LONGEST_SAMPLES)];
        pitch::track(&self.frames.run(heard))
    }
}

impl Default for Voicing {
    fn default() -> Self {
        Self::new()
    }
}
