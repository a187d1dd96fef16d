//! Whisper's features: `[80, frames]` log-mel, 25 ms windows every 10 ms, Slaney's filters, as in
//! the reference implementation (Radford et al. 2022, section 2.2).

use realfft::num_complex::Complex32;
use realfft::{RealFftPlanner, RealToComplex};
use std::f32::consts::PI;
use std::sync::Arc;

/// Mel bands.
pub(crate) const BANDS: usize = 80;
/// Samples from frame to frame (10 ms).
pub(crate) const HOP: usize = 160;
const WINDOW: usize = 400;
const BINS: usize = WINDOW / 2 + 1;

/// A planned transform with its buffers; one per worker.
pub(crate) struct LogMel {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// Per band: first bin and weights from there.
    filters: Vec<(usize, Vec<f32>)>,
    frame: Vec<f32>,
    spectrum: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl LogMel {
    pub fn new() -> Self {
        let fft = RealFftPlanner::new().plan_fft_forward(WINDOW);
        let hann = |i: usize| 0.5 - 0.5 * (2.0 * PI * i as f32 / WINDOW as f32).cos();
        Self {
            window: (0..WINDOW).map(hann).collect(),
            filters: slaney_filters(),
            frame: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
        }
    }

    /// Writes `[80, frames]` into `out`; samples beyond the frames are left out, missing ones are
    /// zero. Values lie in about -1..1.5, the largest being at most 2 above the smallest.
    pub fn compute(&mut self, samples: &[f32], frames: usize, out: &mut [f32]) {
        let length = frames * HOP;
        let samples = &samples[..samples.len().min(length)];
        let mut max = f32::NEG_INFINITY;
        for t in 0..frames {
            for (i, slot) in self.frame.iter_mut().enumerate() {
                *slot = reflected(
                    samples,
                    (t * HOP + i) as isize - (WINDOW / 2) as isize,
                    length,
                ) * self.window[i];
            }
            let done = self.fft.process_with_scratch(
                &mut self.frame,
                &mut self.spectrum,
                &mut self.scratch,
            );
            debug_assert!(done.is_ok(), "the buffers are the planner's own");
            let power: [f32; BINS] = std::array::from_fn(|k| self.spectrum[k].norm_sqr());
            for (band, (first, weights)) in self.filters.iter().enumerate() {
                let energy: f32 = weights
                    .iter()
                    .zip(&power[*first..])
                    .map(|(w, p)| w * p)
                    .sum();
                let level = energy.max(1e-10).log10();
                max = max.max(level);
                out[band * frames + t] = level;
            }
        }
        for level in &mut out[..BANDS * frames] {
            *level = (level.max(max - 8.0) + 4.0) / 4.0;
        }
    }
}

/// Sample `i` of a signal of `length` that is mirrored at both ends; zero after the given samples.
fn reflected(samples: &[f32], i: isize, length: usize) -> f32 {
    let last = length as isize - 1;
    let i = i.abs();
    let i = if i > last { 2 * last - i } else { i };
    samples.get(i as usize).copied().unwrap_or(0.0)
}

/// Triangles on Slaney's mel scale (linear below 1 kHz), each of unit area.
fn slaney_filters() -> Vec<(usize, Vec<f32>)> {
    const STEP: f64 = 200.0 / 3.0;
    const LOG_STEP: f64 = 0.068_751_777_420_949_12; // ln(6.4) / 27
    let top_mel = 15.0 + (8000f64 / 1000.0).ln() / LOG_STEP;
    let hz = |mel: f64| {
        if mel < 15.0 {
            mel * STEP
        } else {
            1000.0 * ((mel - 15.0) * LOG_STEP).exp()
        }
    };
    let edges: Vec<f64> = (0..BANDS + 2)
        .map(|i| hz(top_mel * i as f64 / (BANDS + 1) as f64))
        .collect();
    let triangle = |band: usize| {
        let (low, middle, high) = (edges[band], edges[band + 1], edges[band + 2]);
        let weight = |bin: usize| {
            let f = bin as f64 * 16_000.0 / WINDOW as f64;
            let height = ((f - low) / (middle - low))
                .min((high - f) / (high - middle))
                .max(0.0);
            (height * 2.0 / (high - low)) as f32
        };
        let all: Vec<f32> = (0..BINS).map(weight).collect();
        let first = all.iter().position(|&w| w > 0.0).unwrap_or(0);
        let last = all.iter().rposition(|&w| w > 0.0).unwrap_or(0);
        (first, all[first..=last].to_vec())
    };
    (0..BANDS).map(triangle).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// Three seconds of decaying chirps with a little noise.
    fn signal() -> Vec<f32> {
        let sample = |i: usize| {
            let t = i as f64 / 16_000.0;
            let chirp = (2.0 * PI * (200.0 + 900.0 * t) * t).sin() * (-(t % 0.7) * 3.0).exp();
            (0.4 * chirp + 0.02 * (((i * 7919) % 1000) as f64 / 1000.0 - 0.5)) as f32
        };
        (0..48_000).map(sample).collect()
    }

    #[test]
    fn features_are_those_of_the_reference() {
        let frames = 600;
        let mut got = vec![0.0; BANDS * frames];
        LogMel::new().compute(&signal(), frames, &mut got);
        // band, frame, value: computed by faster-whisper's feature extractor from the same signal.
        for line in include_str!("../../tests/fixtures/whisper_mel.tsv").lines() {
            let cells: Vec<f32> = line
                .split('\t')
                .filter_map(|cell| cell.parse().ok())
                .collect();
            let [band, frame, want] = cells[..] else {
                panic!("three cells: {line}")
            };
            let value = got[band as usize * frames + frame as usize];
            assert!(
                (value - want).abs() < 2e-3,
                "band {band} frame {frame}: {value} is not {want}"
            );
        }
    }
}
