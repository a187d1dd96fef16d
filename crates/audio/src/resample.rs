//! Streaming resampler of one channel: any rate to any rate, sample-true length, no delay left.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _};

use crate::AudioError;

/// Lowest and highest sample rate taken or given, in Hz.
pub const RATE_RANGE_HZ: std::ops::RangeInclusive<u32> = 4_000..=192_000;

/// Frames of the smaller side of a block. Longer blocks have a sharper filter: at 1024 the
/// transition band is about 1.5 % of the lower rate.
const BLOCK: usize = 1024;

/// Resamples mono blocks of any length. `n` samples in give exactly
/// `ceil(n * out_hz / in_hz)` samples out over all calls, aligned with the input.
pub struct Resampler {
    in_hz: u32,
    out_hz: u32,
    /// `None` when the rates are equal.
    engine: Option<Engine>,
    taken: u64,
    given: u64,
}

struct Engine {
    fft: Fft<f32>,
    chunk_in: usize,
    /// Output samples of the filter's delay that are still to be dropped.
    delay: usize,
    pending: Vec<f32>,
    block: Vec<f32>,
}

impl Resampler {
    /// A resampler from `in_hz` to `out_hz`.
    ///
    /// # Errors
    /// [`AudioError::Unsupported`] when a rate is outside [`RATE_RANGE_HZ`].
    pub fn new(in_hz: u32, out_hz: u32) -> Result<Resampler, AudioError> {
        Resampler::with_block(in_hz, out_hz, BLOCK)
    }

    /// For live audio: blocks of about `frames` at the lower of both rates, hence a latency of
    /// about 1.5 times that. Fewer frames, softer filter; 160 is sensible at 8 kHz.
    ///
    /// # Errors
    /// As [`Resampler::new`].
    pub fn with_block(in_hz: u32, out_hz: u32, frames: usize) -> Result<Resampler, AudioError> {
        for rate in [in_hz, out_hz] {
            check_rate(rate)?;
        }
        let engine = if in_hz == out_hz {
            None
        } else {
            Some(Engine::new(in_hz, out_hz, frames)?)
        };
        Ok(Resampler {
            in_hz,
            out_hz,
            engine,
            taken: 0,
            given: 0,
        })
    }

    /// Takes samples at the input rate; returns what is ready at the output rate.
    pub fn push(&mut self, samples: &[f32]) -> Vec<f32> {
        let mut out = Vec::with_capacity(self.due(samples.len() as u64) as usize);
        self.push_into(samples, &mut out);
        out
    }

    /// As [`Resampler::push`], appending to `out`.
    pub fn push_into(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        self.taken += samples.len() as u64;
        let before = out.len();
        match &mut self.engine {
            None => out.extend_from_slice(samples),
            Some(engine) => engine.push(samples, out),
        }
        self.given += (out.len() - before) as u64;
    }

    /// The rest: brings the total to the exact length, then starts afresh.
    pub fn finish(&mut self) -> Vec<f32> {
        let mut out = Vec::new();
        let due = self.due(0) as usize;
        if let Some(engine) = &mut self.engine {
            while out.len() < due {
                let padding = engine.chunk_in - engine.pending.len();
                engine.push(&vec![0.0; padding], &mut out);
            }
            out.truncate(due);
            engine.reset();
        }
        (self.taken, self.given) = (0, 0);
        out
    }

    /// Output samples owed once `more` further input samples are in.
    fn due(&self, more: u64) -> u64 {
        let total = u128::from(self.taken + more) * u128::from(self.out_hz);
        (total.div_ceil(u128::from(self.in_hz)) as u64).saturating_sub(self.given)
    }
}

/// Whether a sample rate is one we take.
pub(crate) fn check_rate(rate_hz: u32) -> Result<(), AudioError> {
    if RATE_RANGE_HZ.contains(&rate_hz) {
        return Ok(());
    }
    Err(AudioError::unsupported(format!(
        "a sample rate of {rate_hz} Hz is outside 4000 to 192000 Hz"
    )))
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl Engine {
    fn new(in_hz: u32, out_hz: u32, frames: usize) -> Result<Engine, AudioError> {
        let (from, to) = (in_hz as usize, out_hz as usize);
        let step = from / gcd(from, to);
        let wanted = frames.max(16) * from / from.min(to);
        // Even blocks on both sides: the filter's centre is then a whole sample of each rate.
        let wanted_in = wanted.div_ceil(step).next_multiple_of(2) * step;
        let fft = Fft::new_custom(
            from,
            to,
            wanted_in,
            1,
            1,
            rubato::WindowFunction::BlackmanHarris2,
            FixedSync::Both,
        )
        .map_err(|error| AudioError::unsupported(format!("{in_hz} to {out_hz} Hz: {error}")))?;
        let (chunk_in, chunk_out) = (fft.input_frames_next(), fft.output_frames_next());
        Ok(Engine {
            delay: fft.output_delay(),
            fft,
            chunk_in,
            pending: Vec::with_capacity(chunk_in),
            block: vec![0.0; chunk_out],
        })
    }

    fn push(&mut self, mut samples: &[f32], out: &mut Vec<f32>) {
        if !self.pending.is_empty() {
            let missing = (self.chunk_in - self.pending.len()).min(samples.len());
            self.pending.extend_from_slice(&samples[..missing]);
            samples = &samples[missing..];
            if self.pending.len() < self.chunk_in {
                return;
            }
            let full = std::mem::take(&mut self.pending);
            self.process(&full, out);
            self.pending = full;
            self.pending.clear();
        }
        let mut chunks = samples.chunks_exact(self.chunk_in);
        for chunk in &mut chunks {
            self.process(chunk, out);
        }
        self.pending.extend_from_slice(chunks.remainder());
    }

    fn process(&mut self, chunk: &[f32], out: &mut Vec<f32>) {
        let frames = self.block.len();
        let made = InterleavedSlice::new(chunk, 1, chunk.len())
            .ok()
            .and_then(|input| {
                let mut output = InterleavedSlice::new_mut(&mut self.block, 1, frames).ok()?;
                self.fft.process_into_buffer(&input, &mut output, None).ok()
            });
        // Both buffers have the sizes the resampler itself named, so it cannot refuse them.
        debug_assert!(made.is_some());
        let dropped = self.delay.min(frames);
        self.delay -= dropped;
        out.extend_from_slice(&self.block[dropped..]);
    }

    fn reset(&mut self) {
        self.fft.reset();
        self.pending.clear();
        self.delay = self.fft.output_delay();
    }
}
