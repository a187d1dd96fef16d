//! Whether a pause ends the turn (Smart Turn v3.2: Whisper tiny's encoder over the last eight
//! seconds, attention pooling, a classifier).

use crate::whisper::mel::{BANDS, HOP, LogMel};
use crate::{SAMPLE_RATE_HZ, SpeechError};
use inference::ort::session::Session;
use inference::ort::value::TensorRef;
use inference::{InferenceError, Pool, Runtime, SessionOptions, timed};
use std::path::Path;
use std::time::Duration;

/// Samples that the model hears (8 s).
const WINDOW: usize = 8 * SAMPLE_RATE_HZ as usize;
const FRAMES: usize = WINDOW / HOP;
/// Keeps silence from being divided by zero; the reference extractor's.
const LEAST_VARIANCE: f32 = 1e-7;

/// Pause that the model is asked about. With more of it heard it is hardly surer, with less it
/// doubts that sentences are over.
const PAUSE: Duration = Duration::from_millis(200);

/// A loaded end-of-turn model, shared by all streams.
#[derive(Clone)]
pub struct TurnDetector {
    judges: Pool<Judge>,
}

/// A session and the buffers it needs.
struct Judge {
    session: Session,
    mel: LogMel,
    window: Vec<f32>,
    features: Vec<f32>,
}

impl TurnDetector {
    /// Loads the graph at `path`; `sessions` streams may ask at the same time, others wait their
    /// turn.
    ///
    /// # Errors
    /// [`InferenceError::Graph`] when the file is absent or not a graph.
    pub fn load(runtime: &Runtime, path: &Path, sessions: usize) -> Result<Self, SpeechError> {
        let options = SessionOptions::default();
        let judge = || {
            Ok::<_, InferenceError>(Judge {
                session: runtime.session(path, &options)?,
                mel: LogMel::new(),
                window: vec![0.0; WINDOW],
                features: vec![0.0; BANDS * FRAMES],
            })
        };
        Ok(Self {
            judges: Pool::of(sessions, judge)?,
        })
    }

    /// Probability, 0..1, that the speaker is done, asked as soon as a pause begins: `samples` ends
    /// with `heard` of it, and silence is added until the pause is 200 ms long, which gives what
    /// waiting for these would give. Blocks.
    ///
    /// # Errors
    /// As [`Self::completion`].
    pub fn completion_after(&self, samples: &[f32], heard: Duration) -> Result<f32, SpeechError> {
        let rest = PAUSE.saturating_sub(heard).as_secs_f64();
        let silence = (rest * f64::from(SAMPLE_RATE_HZ)).round() as usize;
        let mut judge = self.judges.borrow();
        judge.completion(samples, silence)
    }

    /// Probability, 0..1, that the speaker is done. `samples` is the utterance so far, 16 kHz mono,
    /// with 200 ms or more of the pause after it; only the last eight seconds count. Blocks.
    ///
    /// # Errors
    /// [`InferenceError::Run`] when the graph fails.
    pub fn completion(&self, samples: &[f32]) -> Result<f32, SpeechError> {
        let mut judge = self.judges.borrow();
        judge.completion(samples, 0)
    }
}

impl Judge {
    fn completion(&mut self, samples: &[f32], silence: usize) -> Result<f32, SpeechError> {
        fill(&mut self.window, samples, silence);
        self.mel.compute(&self.window, FRAMES, &mut self.features);
        let input = TensorRef::from_array_view(([1, BANDS, FRAMES], self.features.as_slice()))?;
        let session = &mut self.session;
        let outputs = timed("turn", || {
            session.run(inference::ort::inputs!["input_features" => input])
        })?;
        // Called logits, but the graph ends in a sigmoid.
        let probability = outputs["logits"].try_extract_tensor::<f32>()?.1.first();
        let absent = || InferenceError::Run("the end-of-turn model gave no probability".into());
        Ok(*probability.ok_or_else(absent)?)
    }
}

/// The last samples and `silence` after them at the end of the window, silence before them, then
/// all of it shifted and scaled to mean 0 and variance 1, silence included, as the model was trained.
fn fill(window: &mut [f32], samples: &[f32], silence: usize) {
    window.fill(0.0);
    let room = window.len().saturating_sub(silence);
    let last = &samples[samples.len().saturating_sub(room)..];
    let heard = &mut window[room - last.len()..room];
    for (slot, &sample) in heard.iter_mut().zip(last) {
        *slot = if sample.is_finite() {
            sample.clamp(-1.0, 1.0)
        } else {
            0.0
        };
    }
    let count = window.len() as f64;
    let mean = (window.iter().map(|&x| f64::from(x)).sum::<f64>() / count) as f32;
    let square = |&x: &f32| f64::from(x - mean).powi(2);
    let variance = (window.iter().map(square).sum::<f64>() / count) as f32;
    let scale = 1.0 / (variance + LEAST_VARIANCE).sqrt();
    for x in window {
        *x = (*x - mean) * scale;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_short_utterance_is_at_the_end_of_the_window() {
        let mut window = vec![9.0; 10];
        fill(&mut window, &[0.5, -0.5], 0);
        assert!(window[..8].iter().all(|&x| x == 0.0), "{window:?}");
        assert!(window[8] > 2.2 && window[9] < -2.2, "{window:?}");
    }

    #[test]
    fn only_the_last_samples_of_a_long_utterance_count() {
        let (mut long, mut short) = (vec![0.0; 4], vec![0.0; 4]);
        fill(&mut long, &[1.0, 1.0, 0.1, 0.2, 0.3, 0.4], 0);
        fill(&mut short, &[0.1, 0.2, 0.3, 0.4], 0);
        assert_eq!(long, short);
    }

    #[test]
    fn added_silence_follows_the_samples() {
        let mut window = vec![9.0; 6];
        fill(&mut window, &[0.5, 0.5, -0.5, 0.5, -0.5], 2);
        let signs: Vec<f32> = window
            .iter()
            .map(|x| x.signum() * x.abs().round())
            .collect();
        assert_eq!(signs, [1.0, -1.0, 1.0, -1.0, 0.0, 0.0]);
    }

    proptest! {
        #[test]
        fn any_samples_give_a_finite_window_of_mean_zero(
            samples in prop::collection::vec(prop::num::f32::ANY, 0..200),
            silence in 0usize..200,
        ) {
            let mut window = vec![0.0; 100];
            fill(&mut window, &samples, silence);
            let mean = window.iter().sum::<f32>() / 100.0;
            prop_assert!(window.iter().all(|x| x.is_finite()));
            prop_assert!(mean.abs() < 1e-2, "{}", mean);
        }
    }
}
