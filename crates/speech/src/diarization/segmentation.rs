//! Who of at most three local speakers is active in each frame of a ten-second window (pyannote
//! segmentation 3.0, powerset classes: Plaquet and Bredin 2023).

use crate::SpeechError;
use inference::ort::session::Session;
use inference::ort::value::TensorRef;
use inference::{InferenceError, Pool, Runtime, SessionOptions, timed};
use std::path::Path;

/// Samples of a window (10 s).
pub const WINDOW: usize = 160_000;
/// Samples from one frame to the next (16.875 ms).
pub const FRAME: usize = 270;
/// Frames that the model gives for a window.
pub const FRAMES: usize = 589;
/// Speakers that a window can tell apart.
pub const LOCAL: usize = 3;
/// Frames from one window to the next: each moment is heard twice, in different surroundings.
pub const HOP_FRAMES: usize = 296;
/// Samples from one window to the next (4.995 s).
pub const HOP: usize = HOP_FRAMES * FRAME;
/// Where the middle of the first frame lies, in samples: half its receptive field of 991.
const MIDDLE: f64 = 495.5;

/// Classes of the model: nobody, one of three, two of three.
const POWERSET: [&[usize]; 7] = [&[], &[0], &[1], &[2], &[0, 1], &[0, 2], &[1, 2]];

/// Seconds at which a frame begins.
pub fn frame_start_s(frame: usize) -> f64 {
    (frame as f64 * FRAME as f64 + MIDDLE - FRAME as f64 / 2.0).max(0.0) / 16_000.0
}

/// Activity of the local speakers of one window, a byte (0..255) for each frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Activity {
    frames: Vec<[u8; LOCAL]>,
}

impl Activity {
    /// From log probabilities of the powerset classes, `[frames, 7]`.
    fn from_powerset(scores: &[f32]) -> Self {
        let frame = |row: &[f32]| {
            let mut active = [0f32; LOCAL];
            for (class, &score) in POWERSET.iter().zip(row) {
                let probability = score.exp();
                for &speaker in *class {
                    active[speaker] += probability;
                }
            }
            active.map(|p| (p * 255.0).round() as u8)
        };
        Self {
            frames: scores.chunks_exact(POWERSET.len()).map(frame).collect(),
        }
    }

    /// Of frames that are given.
    #[cfg(test)]
    pub fn of(frames: Vec<[u8; LOCAL]>) -> Self {
        Self { frames }
    }

    /// How many frames there are.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Drops what the model heard after the end of the recording.
    pub fn truncate(&mut self, frames: usize) {
        self.frames.truncate(frames);
    }

    /// Whether a local speaker is heard.
    pub fn active(&self, frame: usize, speaker: usize) -> bool {
        self.frames[frame][speaker] >= 128
    }

    /// Whether this local speaker is heard and no other.
    pub fn alone(&self, frame: usize, speaker: usize) -> bool {
        (0..LOCAL).all(|other| self.active(frame, other) == (other == speaker))
    }
}

/// A loaded segmentation model.
#[derive(Clone)]
pub struct Segmentation {
    sessions: Pool<Session>,
}

impl Segmentation {
    /// Loads the graph at `path`; `sessions` recordings can run it at the same time.
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

    /// Activity in each of the windows, `samples` holding one after the other.
    ///
    /// # Errors
    /// [`InferenceError::Run`] when the graph fails.
    pub fn run(&self, samples: &[f32]) -> Result<Vec<Activity>, SpeechError> {
        let scores = self.scores(samples, WINDOW)?;
        let size = FRAMES * POWERSET.len();
        if scores.len() != samples.len() / WINDOW * size {
            let reason = "the segmentation model gave another number of frames";
            return Err(InferenceError::Run(reason.into()).into());
        }
        Ok(scores
            .chunks_exact(size)
            .map(Activity::from_powerset)
            .collect())
    }

    /// Activity in samples of any length, of a frame at least: the model hears all of them at once.
    ///
    /// # Errors
    /// [`InferenceError::Run`] when the graph fails.
    pub fn over(&self, samples: &[f32]) -> Result<Activity, SpeechError> {
        let scores = self.scores(samples, samples.len())?;
        Ok(Activity::from_powerset(&scores))
    }

    /// Log probabilities of the classes of all frames, in windows of so many samples.
    fn scores(&self, samples: &[f32], window: usize) -> Result<Vec<f32>, SpeechError> {
        let shape = [samples.len() / window, 1, window];
        let input = TensorRef::from_array_view((shape, samples))?;
        let mut session = self.sessions.borrow();
        let outputs = timed("segmentation", || {
            session.run(inference::ort::inputs!["input" => input])
        })?;
        Ok(outputs["output"].try_extract_tensor::<f32>()?.1.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_of_two_makes_both_active() {
        let mut row = [f32::NEG_INFINITY; 7];
        row[5] = 0.0;
        let activity = Activity::from_powerset(&row);
        assert_eq!(activity.frames, [[255, 0, 255]]);
        assert!(activity.active(0, 2) && !activity.alone(0, 2));
    }

    #[test]
    fn frames_follow_one_another_at_the_hop() {
        assert!((frame_start_s(0) - 0.0225).abs() < 1e-3);
        let hop = frame_start_s(HOP_FRAMES) - frame_start_s(0);
        assert!((hop - HOP as f64 / 16_000.0).abs() < 1e-9);
    }
}
