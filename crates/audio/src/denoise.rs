//! Noise reduction for 16 kHz speech: RNNoise (Valin 2018), which works at 48 kHz, wrapped in
//! resamplers.

use nnnoiseless::DenoiseState;

use crate::{AudioError, Resampler};

const FRAME: usize = DenoiseState::FRAME_SIZE;
/// RNNoise takes samples in the range of 16-bit integers.
const SCALE: f32 = 32768.0;

/// Reduces noise in 16 kHz mono, block by block. What comes out has the length of what went in
/// and is aligned with it.
pub struct Denoiser {
    state: Box<DenoiseState<'static>>,
    up: Resampler,
    down: Resampler,
    /// 48 kHz samples that do not fill a frame yet.
    pending: Vec<f32>,
    /// The first frame out is the fade-in of the overlap-add: the delay.
    first: bool,
    taken: u64,
    given: u64,
}

impl Denoiser {
    /// A denoiser for the start of a recording.
    ///
    /// # Errors
    /// None in practice: both rates are within range.
    pub fn new() -> Result<Denoiser, AudioError> {
        Ok(Denoiser {
            state: DenoiseState::new(),
            up: Resampler::new(16_000, 48_000)?,
            down: Resampler::new(48_000, 16_000)?,
            pending: Vec::new(),
            first: true,
            taken: 0,
            given: 0,
        })
    }

    /// Takes 16 kHz samples; returns those that are ready.
    pub fn push(&mut self, samples: &[f32]) -> Vec<f32> {
        self.taken += samples.len() as u64;
        let wide = self.up.push(samples);
        let out = self.reduce(&wide);
        self.given += out.len() as u64;
        out
    }

    /// The rest, so that as many samples came out as went in; then starts afresh.
    pub fn finish(&mut self) -> Vec<f32> {
        let due = (self.taken - self.given) as usize;
        let wide = self.up.finish();
        let mut out = self.reduce(&wide);
        // One frame for the delay, one for what is pending.
        out.extend(self.reduce(&[0.0; 2 * FRAME]));
        out.extend(self.down.finish());
        out.resize(due, 0.0);
        self.state = DenoiseState::new();
        self.pending.clear();
        (self.first, self.taken, self.given) = (true, 0, 0);
        out
    }

    /// 48 kHz in, 16 kHz out.
    fn reduce(&mut self, wide: &[f32]) -> Vec<f32> {
        self.pending
            .extend(wide.iter().map(|sample| sample * SCALE));
        let mut clean = Vec::with_capacity(self.pending.len());
        let mut frame = [0.0; FRAME];
        let whole = self.pending.len() / FRAME * FRAME;
        for input in self.pending[..whole].chunks_exact(FRAME) {
            self.state.process_frame(&mut frame, input);
            if !std::mem::take(&mut self.first) {
                clean.extend(frame.iter().map(|sample| sample / SCALE));
            }
        }
        self.pending.drain(..whole);
        self.down.push(&clean)
    }
}
