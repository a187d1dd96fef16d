//! Log-mel features as CTC models are trained on them: NeMo's by default, torchaudio's and others by
//! their settings.

use super::settings::{Features, Normalize, Scale};
use crate::SAMPLE_RATE_HZ;
use realfft::num_complex::Complex32;
use realfft::{RealFftPlanner, RealToComplex};
use std::f32::consts::PI;
use std::sync::Arc;

/// Added to a standard deviation that is divided by.
const LEAST_DEVIATION: f32 = 1e-5;

/// A planned transform with its buffers; one per worker.
pub(crate) struct LogMel {
    settings: Features,
    fft: Arc<dyn RealToComplex<f32>>,
    /// As long as the transform, zero at both ends where the window is shorter.
    window: Vec<f32>,
    hop: usize,
    /// Per band: first bin and weights from there.
    filters: Vec<(usize, Vec<f32>)>,
    frame: Vec<f32>,
    spectrum: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl LogMel {
    pub fn new(settings: &Features) -> Self {
        let fft = RealFftPlanner::new().plan_fft_forward(settings.fft);
        let rate = f64::from(SAMPLE_RATE_HZ);
        let length = ((settings.window_seconds * rate).round() as usize).clamp(2, settings.fft);
        let offset = (settings.fft - length) / 2;
        let mut window = vec![0.0; settings.fft];
        for (i, weight) in window[offset..offset + length].iter_mut().enumerate() {
            // Symmetric, as NeMo's (Hann, periodic=False).
            *weight = 0.5 - 0.5 * (2.0 * PI * i as f32 / (length - 1) as f32).cos();
        }
        Self {
            window,
            hop: ((settings.hop_seconds * rate).round() as usize).max(1),
            filters: filters(settings),
            frame: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
            settings: settings.clone(),
        }
    }

    /// `[bands, frames]` of 16 kHz samples, and the number of frames: one each hop, the first
    /// centred on the first sample.
    pub fn compute(&mut self, samples: &[f32]) -> (Vec<f32>, usize) {
        let bands = self.settings.bands;
        let frames = samples.len() / self.hop + 1;
        let mut out = vec![0.0; bands * frames];
        let emphasis = self.settings.preemphasis;
        let at = |i: isize| {
            let of = |i: isize| {
                usize::try_from(i)
                    .ok()
                    .and_then(|i| samples.get(i))
                    .copied()
            };
            match of(i) {
                Some(x) => x - emphasis * of(i - 1).unwrap_or(0.0),
                None => 0.0,
            }
        };
        let half = (self.settings.fft / 2) as isize;
        for t in 0..frames {
            let start = (t * self.hop) as isize - half;
            for (i, (slot, weight)) in self.frame.iter_mut().zip(&self.window).enumerate() {
                *slot = at(start + i as isize) * weight;
            }
            let done = self.fft.process_with_scratch(
                &mut self.frame,
                &mut self.spectrum,
                &mut self.scratch,
            );
            debug_assert!(done.is_ok(), "the buffers are the planner's own");
            for (band, (first, weights)) in self.filters.iter().enumerate() {
                let bins = self.spectrum[*first..].iter().zip(weights);
                let energy: f32 = bins.map(|(bin, weight)| weight * bin.norm_sqr()).sum();
                out[band * frames + t] = (energy + self.settings.floor).ln();
            }
        }
        for band in out.chunks_exact_mut(frames) {
            normalize(band, self.settings.normalize);
        }
        (out, frames)
    }
}

fn normalize(band: &mut [f32], how: Normalize) {
    if how == Normalize::None {
        return;
    }
    let count = band.len() as f32;
    let mean = band.iter().sum::<f32>() / count;
    band.iter_mut().for_each(|x| *x -= mean);
    if how == Normalize::PerBand {
        let sum: f32 = band.iter().map(|x| x * x).sum();
        let deviation = (sum / (count - 1.0).max(1.0)).sqrt() + LEAST_DEVIATION;
        band.iter_mut().for_each(|x| *x /= deviation);
    }
}

/// Triangular filters between points evenly spaced in mel.
fn filters(settings: &Features) -> Vec<(usize, Vec<f32>)> {
    type Map = fn(f32) -> f32;
    let (to_mel, to_hz): (Map, Map) = match settings.scale {
        Scale::Slaney => (slaney_mel, slaney_hz),
        Scale::Htk => (
            |hz| 2595.0 * (1.0 + hz / 700.0).log10(),
            |mel| 700.0 * (10f32.powf(mel / 2595.0) - 1.0),
        ),
    };
    let (low, high) = (to_mel(settings.low_hz), to_mel(settings.high_hz));
    let step = (high - low) / (settings.bands + 1) as f32;
    let edge = |i: usize| to_hz(low + step * i as f32);
    let bin_hz = SAMPLE_RATE_HZ as f32 / settings.fft as f32;
    let bins = settings.fft / 2 + 1;
    let filter = |band: usize| {
        let [left, centre, right] = [band, band + 1, band + 2].map(edge);
        let height = match settings.scale {
            Scale::Slaney => 2.0 / (right - left),
            Scale::Htk => 1.0,
        };
        let weight = |bin: usize| {
            let hz = bin as f32 * bin_hz;
            height
                * ((hz - left) / (centre - left))
                    .min((right - hz) / (right - centre))
                    .max(0.0)
        };
        let first = (0..bins).find(|&bin| weight(bin) > 0.0).unwrap_or(0);
        let weights = (first..bins)
            .map(weight)
            .take_while(|&it| it > 0.0)
            .collect();
        (first, weights)
    };
    (0..settings.bands).map(filter).collect()
}

/// Slaney's Auditory Toolbox: linear below 1 kHz, logarithmic above.
fn slaney_mel(hz: f32) -> f32 {
    match hz < 1000.0 {
        true => hz * 3.0 / 200.0,
        false => 15.0 + (hz / 1000.0).ln() / (6.4f32.ln() / 27.0),
    }
}

fn slaney_hz(mel: f32) -> f32 {
    match mel < 15.0 {
        true => mel * 200.0 / 3.0,
        false => 1000.0 * ((mel - 15.0) * 6.4f32.ln() / 27.0).exp(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f32) -> Vec<f32> {
        let sample = |i| (2.0 * PI * hz * i as f32 / SAMPLE_RATE_HZ as f32).sin();
        (0..SAMPLE_RATE_HZ).map(sample).collect()
    }

    fn loudest_band(settings: &Features, hz: f32) -> usize {
        let (out, frames) = LogMel::new(settings).compute(&tone(hz));
        let level = |band: &usize| out[band * frames + frames / 2];
        (0..settings.bands)
            .max_by(|a, b| level(a).total_cmp(&level(b)))
            .expect("there are bands")
    }

    #[test]
    fn a_tone_is_loudest_in_the_band_around_it() {
        for scale in [Scale::Slaney, Scale::Htk] {
            let settings = Features {
                scale,
                normalize: Normalize::None,
                ..Features::default()
            };
            let bands = [300.0, 1000.0, 4000.0].map(|hz| loudest_band(&settings, hz));
            assert!(
                bands.is_sorted() && bands[0] > 2 && bands[2] < 79,
                "{bands:?}"
            );
        }
    }

    #[test]
    fn normalised_bands_have_no_mean_and_silence_is_finite() {
        let mut mel = LogMel::new(&Features::default());
        let (out, frames) = mel.compute(&tone(440.0));
        assert_eq!(frames, 101);
        for band in out.chunks_exact(frames) {
            assert!((band.iter().sum::<f32>() / frames as f32).abs() < 1e-3);
        }
        let (out, _) = mel.compute(&[0.0; 1600]);
        assert!(out.iter().all(|x| x.is_finite()));
        assert_eq!(mel.compute(&[]).1, 1);
    }
}
