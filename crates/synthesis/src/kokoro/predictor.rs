//! The statistics of a text before it is sound, from the features of its frames: a linear
//! regression fitted on hundreds of texts in every voice (`measure/fit_statistics.py`).
//!
//! Means are predicted in units of the channel's usual deviation, variances as logarithms, both as
//! coordinates in a basis that the fit found.

use std::sync::LazyLock;

use super::statistics::{Moments, Statistics};
use super::{Acoustics, Plane, STYLE};

static FILE: &[u8] = include_bytes!("../../data/kokoro/statistics.bin");

static FITTED: LazyLock<Predictor> =
    LazyLock::new(|| Predictor::read(FILE).expect("the file is part of this crate, and tested"));

/// Above this a frame is voiced, as the source has it.
const VOICED_HZ: f32 = 10.0;

/// What keeps logarithms of small deviations and variances finite; as in the fit.
const LEAST_DEVIATION: f32 = 1e-3;
const LEAST_VARIANCE: f32 = 1e-4;

/// The fitted numbers.
#[derive(Debug)]
pub struct Predictor {
    /// Channels of each stage's statistics.
    channels: [usize; 2],
    /// [inputs]: taken from each input, which is then multiplied by `scale`.
    centre: Vec<f32>,
    scale: Vec<f32>,
    /// [inputs, coordinates]
    weights: Vec<f32>,
    /// [coordinates]: what a step of the basis is worth.
    factors: Vec<f32>,
    /// [2 * channels]: means of both stages, then logarithms of variances.
    usual: Vec<f32>,
    /// [channels]: usual deviations.
    units: Vec<f32>,
    /// [coordinates, 2 * channels], signed.
    basis: &'static [u8],
}

impl Predictor {
    /// The one that is part of this crate.
    pub fn fitted() -> &'static Self {
        &FITTED
    }

    /// Reads what the fit wrote; nothing if it is not that.
    fn read(file: &'static [u8]) -> Option<Self> {
        let mut rest = file.strip_prefix(b"KSTA")?;
        let mut number = || -> Option<usize> {
            let (bytes, after) = rest.split_first_chunk::<4>()?;
            rest = after;
            usize::try_from(u32::from_le_bytes(*bytes)).ok()
        };
        let (inputs, coordinates) = (number()?, number()?);
        let channels = [number()?, number()?];
        let all = channels[0] + channels[1];
        let mut floats = |count: usize| -> Option<Vec<f32>> {
            let (bytes, after) = rest.split_at_checked(count * 4)?;
            rest = after;
            let values = bytes.as_chunks::<4>().0.iter();
            Some(values.map(|&bytes| f32::from_le_bytes(bytes)).collect())
        };
        let fitted = Self {
            channels,
            centre: floats(inputs)?,
            scale: floats(inputs)?,
            weights: floats(inputs * coordinates)?,
            factors: floats(coordinates)?,
            usual: floats(2 * all)?,
            units: floats(all)?,
            basis: rest,
        };
        (fitted.basis.len() == coordinates * 2 * all).then_some(fitted)
    }

    /// The statistics of a text whose frames have these features, [512, 2T].
    pub fn predict(
        &self,
        style: &[f32; STYLE],
        acoustics: &Acoustics,
        features: &Plane,
    ) -> Statistics {
        let inputs = inputs(style, acoustics, features);
        let mut coordinates = vec![0.0; self.factors.len()];
        let rows = self.weights.chunks_exact(self.factors.len());
        let known = self.centre.iter().zip(&self.scale);
        for ((input, (centre, scale)), row) in inputs.iter().zip(known).zip(rows) {
            let input = (input - centre) * scale;
            for (sum, weight) in coordinates.iter_mut().zip(row) {
                *sum += input * weight;
            }
        }
        let mut outputs = self.usual.clone();
        let rows = self.basis.chunks_exact(outputs.len());
        for ((coordinate, factor), row) in coordinates.iter().zip(&self.factors).zip(rows) {
            let step = coordinate * factor;
            for (sum, &value) in outputs.iter_mut().zip(row) {
                *sum += step * f32::from(value.cast_signed());
            }
        }
        let (means, variances) = outputs.split_at(self.units.len());
        let means: Vec<f32> = means
            .iter()
            .zip(&self.units)
            .map(|(x, unit)| x * unit)
            .collect();
        let variance = |log: &f32| (log.exp() - LEAST_VARIANCE).max(0.0);
        let variances: Vec<f32> = variances.iter().map(variance).collect();
        let moments = |range: std::ops::Range<usize>| Moments {
            mean: means[range.clone()].to_vec(),
            variance: variances[range].to_vec(),
        };
        let first = self.channels[0];
        Statistics {
            stages: [moments(0..first), moments(first..means.len())],
        }
    }
}

/// Means of the features, logarithms of their deviations, three measures of the length in frames,
/// the share that is voiced, mean and deviation of the energy, and the style.
fn inputs(style: &[f32; STYLE], acoustics: &Acoustics, features: &Plane) -> Vec<f32> {
    let (means, deviations): (Vec<f32>, Vec<f32>) = features.rows().map(moments).unzip();
    let logarithms: Vec<f32> = deviations
        .iter()
        .map(|deviation| (deviation + LEAST_DEVIATION).ln())
        .collect();
    let frames = features.length().max(1) as f32 / 2.0;
    let length = [1.0 / frames, frames.ln(), frames.ln() * frames.ln()];
    let voiced = acoustics.pitch.iter().filter(|pitch| **pitch > VOICED_HZ);
    let voiced = voiced.count() as f32 / acoustics.pitch.len().max(1) as f32;
    let (energy, deviation) = moments(&acoustics.energy);
    let voice = [voiced, energy, deviation];
    [&means[..], &logarithms, &length, &voice, style].concat()
}

/// Mean and deviation.
fn moments(values: &[f32]) -> (f32, f32) {
    let count = values.len().max(1) as f32;
    let mean = values.iter().sum::<f32>() / count;
    let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / count;
    (mean, variance.sqrt())
}
