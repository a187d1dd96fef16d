//! One recording on its way through the models: samples in, stretches and embeddings kept.

use super::segmentation::{Activity, FRAME, HOP, HOP_FRAMES, WINDOW};
use super::stretch::{self, Stretch};
use super::{Chunk, Diarization, DiarizationOptions, Diarizer, SpeakerLimits, Turn};
use crate::SpeechError;
use crate::voice::Voiceprint;

/// Windows that the segmentation model is given at once.
const BATCH: usize = 4;
const RATE: f64 = crate::SAMPLE_RATE_HZ as f64;

type Features<F> = Box<dyn FnMut(&Voiceprint, &[f32]) -> F + Send>;

/// A recording that is being heard. Memory grows by about 1 kB a second, features apart: samples
/// are dropped once their windows are done. All methods block.
pub struct Recording<F> {
    diarizer: Diarizer,
    features: Features<F>,
    /// From the first sample of the next window.
    buffer: Vec<f32>,
    windows: usize,
    heard: Heard<F>,
}

/// What is kept of a recording.
pub struct Heard<F> {
    pub(super) stretches: Vec<Stretch>,
    pub(super) units: Vec<Unit>,
    chunks: Vec<(f64, f64, F)>,
}

/// What was embedded of a stretch.
pub(super) struct Unit {
    pub embedding: Vec<f32>,
    pub seconds: f32,
    /// Nobody else speaks.
    pub pure: bool,
}

impl<F> Recording<F> {
    pub(super) fn new(diarizer: Diarizer, features: Features<F>) -> Self {
        Self {
            diarizer,
            features,
            buffer: Vec::new(),
            windows: 0,
            heard: Heard {
                stretches: Vec::new(),
                units: Vec::new(),
                chunks: Vec::new(),
            },
        }
    }

    /// Hears the next samples (16 kHz mono), any number of them.
    ///
    /// # Errors
    /// [`inference::InferenceError::Run`] when a graph fails.
    pub fn push(&mut self, samples: &[f32]) -> Result<(), SpeechError> {
        for block in samples.chunks(WINDOW) {
            let number = |&x: &f32| {
                if x.is_finite() {
                    x.clamp(-1.0, 1.0)
                } else {
                    0.0
                }
            };
            self.buffer.extend(block.iter().map(number));
            // The last window is special and not known before the end: one sample must follow.
            while self.buffer.len() > WINDOW + (BATCH - 1) * HOP {
                self.run(BATCH, None)?;
            }
        }
        Ok(())
    }

    /// Who spoke when.
    ///
    /// # Errors
    /// [`SpeechError::InvalidOption`] for limits that cannot be, and as [`Self::push`].
    pub fn finish(self, limits: &SpeakerLimits) -> Result<Diarization<F>, SpeechError> {
        limits.check()?;
        let options = DiarizationOptions::default();
        Ok(self.heard()?.diarization(limits, &options))
    }

    /// Ends the recording without saying yet how many speakers there may be.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn heard(mut self) -> Result<Heard<F>, SpeechError> {
        while self.buffer.len() > WINDOW {
            self.run(1, None)?;
        }
        if !self.buffer.is_empty() {
            let frames = self.buffer.len().div_ceil(FRAME);
            self.buffer.resize(WINDOW, 0.0);
            self.run(1, Some(frames))?;
        }
        Ok(self.heard)
    }

    /// The next windows; the last of a recording has only some frames.
    fn run(&mut self, count: usize, last: Option<usize>) -> Result<(), SpeechError> {
        let mut rows = Vec::with_capacity(count * WINDOW);
        for i in 0..count {
            rows.extend_from_slice(&self.buffer[i * HOP..i * HOP + WINDOW]);
        }
        let activities = self.diarizer.segmentation.run(&rows)?;
        for (mut activity, samples) in activities.into_iter().zip(rows.chunks_exact(WINDOW)) {
            activity.truncate(last.unwrap_or(usize::MAX));
            self.window(&activity, samples, last.is_some())?;
        }
        self.buffer.drain(..(count * HOP).min(self.buffer.len()));
        Ok(())
    }

    /// Stretches of what is the window's own, each embedded once.
    fn window(
        &mut self,
        activity: &Activity,
        samples: &[f32],
        last: bool,
    ) -> Result<(), SpeechError> {
        let own = stretch::own(self.windows == 0, last, activity.len());
        let first = self.windows * HOP_FRAMES;
        for (local, frames) in stretch::stretches(activity, &own) {
            let unit = match stretch::excerpt(activity, local, &frames, samples) {
                Some((excerpt, pure)) => {
                    let start_s = (self.windows * HOP + frames.start * FRAME) as f64 / RATE;
                    let end_s = start_s + (frames.len() * FRAME) as f64 / RATE;
                    self.unit(&excerpt, pure, (start_s, end_s))?
                }
                None => None,
            };
            self.heard.stretches.push(Stretch {
                window: self.windows,
                local,
                frames: first + frames.start..first + frames.end,
                unit,
            });
        }
        self.windows += 1;
        Ok(())
    }

    /// Embeds an excerpt; the unit's index, none for what the voice model calls silent.
    fn unit(
        &mut self,
        excerpt: &[f32],
        pure: bool,
        span: (f64, f64),
    ) -> Result<Option<usize>, SpeechError> {
        let print = match self.diarizer.voices.print(excerpt) {
            Err(SpeechError::SilentClip) => return Ok(None),
            print => print?,
        };
        let features = (self.features)(&print, excerpt);
        self.heard.chunks.push((span.0, span.1, features));
        self.heard.units.push(Unit {
            embedding: print.embedding,
            seconds: (excerpt.len() as f64 / RATE) as f32,
            pure,
        });
        Ok(Some(self.heard.units.len() - 1))
    }
}

impl<F> Heard<F> {
    /// Who spoke when.
    pub fn diarization(
        self,
        limits: &SpeakerLimits,
        options: &DiarizationOptions,
    ) -> Diarization<F> {
        let (turns, speakers, labels) = self.resolve(limits, options);
        let chunk = |((start_s, end_s, features), speaker): ((f64, f64, F), Option<usize>)| {
            Some(Chunk {
                start_s,
                end_s,
                speaker: speaker?,
                features,
            })
        };
        let mut chunks: Vec<_> = self
            .chunks
            .into_iter()
            .zip(labels)
            .filter_map(chunk)
            .collect();
        chunks.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
        Diarization {
            turns,
            speakers,
            chunks,
        }
    }

    /// Turns alone, which may be asked more than once.
    pub fn turns(&self, limits: &SpeakerLimits, options: &DiarizationOptions) -> Vec<Turn> {
        self.resolve(limits, options).0
    }

    /// What was made of each voiceprint.
    pub fn features(&self) -> impl Iterator<Item = &F> {
        self.chunks.iter().map(|(_, _, features)| features)
    }
}
