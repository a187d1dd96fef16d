//! What is measured in each 50 ms frame, every 10 ms: its level, and how periodic it is.

use super::HOP;
use super::pitch::{Candidate, HIGHEST_HZ, LOWEST_HZ};
use realfft::num_complex::Complex32;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};
use std::f32::consts::PI;
use std::sync::Arc;

const RATE_HZ: f32 = 16_000.0;
/// 50 ms: three periods of the lowest pitch.
const WINDOW: usize = 800;
/// Length of the transform; what is beyond the window keeps the longest lag from wrapping.
const FFT: usize = 1280;
/// Width of a bin in Hz.
const BIN_HZ: f32 = RATE_HZ / FFT as f32;
/// First bin beyond 4 kHz: a telephone carries nothing above, so nothing above is looked at.
const TOP: usize = (4000.0 / BIN_HZ) as usize;
const SHORTEST_LAG: usize = (RATE_HZ / HIGHEST_HZ) as usize;
const LONGEST_LAG: usize = (RATE_HZ / LOWEST_HZ) as usize + 1;
/// At most so many pitches are considered in a frame.
const CANDIDATES: usize = 6;
/// Frames this far below full scale are silence, whatever else is in the recording (dB).
const FLOOR_DB: f32 = -75.0;

/// One frame.
pub(super) struct Frame {
    /// Root mean square in dB below full scale.
    pub level_db: f32,
    /// Possible pitches; empty in silence.
    pub candidates: Vec<Candidate>,
}

/// The planned transforms.
pub(super) struct FrameAnalysis {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    window: Vec<f32>,
    /// Autocorrelation of the window, 1 at lag 0.
    window_correlation: Vec<f32>,
}

impl FrameAnalysis {
    pub fn new() -> Self {
        let mut planner = RealFftPlanner::new();
        let hann = |i: usize| 0.5 - 0.5 * (2.0 * PI * (i as f32 + 0.5) / WINDOW as f32).cos();
        let window: Vec<f32> = (0..WINDOW).map(hann).collect();
        let at =
            |lag: usize| -> f32 { window.iter().zip(&window[lag..]).map(|(a, b)| a * b).sum() };
        Self {
            forward: planner.plan_fft_forward(FFT),
            inverse: planner.plan_fft_inverse(FFT),
            window_correlation: (0..=LONGEST_LAG + 1).map(|lag| at(lag) / at(0)).collect(),
            window,
        }
    }

    /// A frame for every whole 10 ms of `samples` that a window fits around.
    pub fn run(&self, samples: &[f32]) -> Vec<Frame> {
        let count = (samples.len() + HOP).saturating_sub(WINDOW) / HOP;
        let mut input = self.forward.make_input_vec();
        let mut spectrum = self.forward.make_output_vec();
        let mut correlation = self.inverse.make_output_vec();
        let mut scratch = self.forward.make_scratch_vec();
        let mut back = self.inverse.make_scratch_vec();
        let frame = |index: usize| {
            let part = &samples[index * HOP..index * HOP + WINDOW];
            let clean = |x: f32| {
                if x.is_finite() {
                    x.clamp(-1.0, 1.0)
                } else {
                    0.0
                }
            };
            let mean = part.iter().map(|x| clean(*x)).sum::<f32>() / WINDOW as f32;
            input.fill(0.0);
            let mut energy = 0.0;
            for ((slot, x), weight) in input.iter_mut().zip(part).zip(&self.window) {
                let x = clean(*x) - mean;
                energy += x * x;
                *slot = x * weight;
            }
            let level_db = 10.0 * (energy / WINDOW as f32).max(1e-10).log10();
            if level_db < FLOOR_DB {
                return Frame {
                    level_db,
                    candidates: Vec::new(),
                };
            }
            let done = self
                .forward
                .process_with_scratch(&mut input, &mut spectrum, &mut scratch);
            debug_assert!(done.is_ok(), "the buffers are the planner's own");
            for (bin, slot) in spectrum.iter_mut().enumerate() {
                let power = if bin < TOP { slot.norm_sqr() } else { 0.0 };
                *slot = Complex32::new(power, 0.0);
            }
            let done =
                self.inverse
                    .process_with_scratch(&mut spectrum, &mut correlation, &mut back);
            debug_assert!(done.is_ok(), "the spectrum is real at both ends");
            Frame {
                level_db,
                candidates: self.candidates(&correlation),
            }
        };
        (0..count).map(frame).collect()
    }

    /// Peaks of the autocorrelation, which is corrected for the window (Boersma 1993).
    fn candidates(&self, correlation: &[f32]) -> Vec<Candidate> {
        let total = correlation[0].max(f32::MIN_POSITIVE);
        let at = |lag: usize| correlation[lag] / total / self.window_correlation[lag];
        let mut found: Vec<Candidate> = Vec::new();
        let (mut before, mut here) = (at(SHORTEST_LAG - 1), at(SHORTEST_LAG));
        for lag in SHORTEST_LAG..=LONGEST_LAG {
            let after = at(lag + 1);
            if here > 0.2 && here >= before && here > after {
                // The top of the parabola through the three points.
                let bend = before - 2.0 * here + after;
                let shift = 0.5 * (before - after) / bend;
                let strength = here - 0.25 * (before - after) * shift;
                let hz = RATE_HZ / (lag as f32 + shift);
                if (LOWEST_HZ..=HIGHEST_HZ).contains(&hz) {
                    found.push(Candidate::new(hz, strength.min(0.9999)));
                }
            }
            (before, here) = (here, after);
        }
        found.sort_by(|a, b| b.merit().total_cmp(&a.merit()));
        found.truncate(CANDIDATES);
        found
    }
}
