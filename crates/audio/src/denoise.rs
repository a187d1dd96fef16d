//! Noise reduction for 16 kHz speech, made for recognisers: what it takes out, it takes out
//! without a trace in the speech. Suppressors made for listeners (RNNoise, GTCRN) leave traces
//! that cost a recogniser more words than the noise (docs/decisions.md).

use crate::denoise_hum::HumFilter;

/// Samples that a recording's denoiser holds back at the start to know its hum (two seconds).
const HELD: usize = 32_000;

/// Takes mains hum out of 16 kHz mono, block by block. What comes out has the length of what went
/// in and is aligned with it, whatever the blocks. Memory is 200 kB at most.
pub struct Denoiser {
    hum: HumFilter,
    /// The start of a recording until it is known; `None` from then on, and for live audio.
    held: Option<Vec<f32>>,
    /// Whether `finish` makes it a recording's again.
    recording: bool,
}

impl Denoiser {
    /// For live audio: every sample comes back at once, and hum is gone 1.3 s after it began.
    pub fn live() -> Denoiser {
        Denoiser {
            hum: HumFilter::new(),
            held: None,
            recording: false,
        }
    }

    /// For a recording: hum is gone from its first sample on. The first two seconds come back
    /// together.
    pub fn recording() -> Denoiser {
        Denoiser {
            held: Some(Vec::new()),
            recording: true,
            ..Denoiser::live()
        }
    }

    /// Takes 16 kHz samples; returns those that are ready.
    pub fn push(&mut self, samples: &[f32]) -> Vec<f32> {
        let Some(held) = &mut self.held else {
            let mut out = samples.to_vec();
            self.hum.process(&mut out);
            return out;
        };
        // The same two seconds whatever the blocks.
        let (now, later) = samples.split_at(samples.len().min(HELD - held.len()));
        held.extend_from_slice(now);
        if held.len() < HELD {
            return Vec::new();
        }
        let mut out = self.release();
        out.extend(self.push(later));
        out
    }

    /// The rest, so that as many samples came out as went in; then starts afresh.
    pub fn finish(&mut self) -> Vec<f32> {
        let rest = self.release();
        *self = if self.recording {
            Denoiser::recording()
        } else {
            Denoiser::live()
        };
        rest
    }

    fn release(&mut self) -> Vec<f32> {
        let mut held = self.held.take().unwrap_or_default();
        self.hum.prime(&held);
        self.hum.process(&mut held);
        held
    }
}
