//! Loudness and noise reduction.

mod common;

use audio::{Denoiser, LoudnessMeter, apply_gain};
use common::{amplitude, middle, rms, tone};
use proptest::prelude::*;

/// Reproducible noise in -1..1.
fn noise(len: usize) -> Vec<f32> {
    let mut state = 1u64;
    (0..len)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
        })
        .collect()
}

fn gain_of(samples: &[f32]) -> f32 {
    let mut meter = LoudnessMeter::new(16_000);
    samples.chunks(1234).for_each(|block| meter.push(block));
    meter.gain()
}

fn scaled(samples: &[f32], by: f32) -> Vec<f32> {
    samples.iter().map(|sample| sample * by).collect()
}

#[test]
fn quiet_and_loud_speech_reach_the_same_level() {
    let voice = tone(300.0, 16_000, 3.0);
    for by in [0.01, 0.03, 0.1, 0.5, 1.0] {
        // Pauses must not count.
        let mut samples = scaled(&voice, by);
        samples.extend(vec![0.0; 160_000]);
        let gain = gain_of(&samples);
        apply_gain(&mut samples, gain);
        let level = 20.0 * rms(&samples[..48_000]).log10();
        assert!((level + 20.0).abs() < 0.5, "{by}: {level:.1} dB");
    }
}

#[test]
fn silence_stays_silence() {
    assert_eq!(gain_of(&vec![0.0; 16_000]), 1.0);
    assert_eq!(gain_of(&scaled(&noise(16_000), 1e-4)), 1.0);
    assert_eq!(gain_of(&[]), 1.0);
}

#[test]
fn gain_is_capped() {
    let gain = gain_of(&scaled(&tone(300.0, 16_000, 2.0), 0.0035));
    assert!((20.0 * gain.log10() - 30.0).abs() < 0.1, "{gain}");
}

#[test]
fn gain_of_one_changes_nothing() {
    let mut samples = tone(300.0, 16_000, 0.1);
    let before = samples.clone();
    apply_gain(&mut samples, 1.0);
    assert_eq!(samples, before);
}

proptest! {
    #[test]
    fn nothing_ever_clips(samples in prop::collection::vec(-4.0f32..4.0, 1..500), gain in 0.0f32..40.0) {
        let mut samples = samples;
        apply_gain(&mut samples, gain + 0.001);
        prop_assert!(samples.iter().all(|sample| sample.abs() <= 0.8913));
    }
}

fn denoise(samples: &[f32], block: usize) -> Vec<f32> {
    let mut denoiser = Denoiser::new().expect("rates in range");
    let mut out = Vec::new();
    for part in samples.chunks(block) {
        out.extend(denoiser.push(part));
    }
    out.extend(denoiser.finish());
    out
}

#[test]
fn denoising_keeps_the_length_whatever_the_blocks() {
    for len in [0, 1, 159, 160, 16_001, 50_000] {
        let samples = scaled(&noise(len), 0.05);
        let whole = denoise(&samples, len.max(1));
        assert_eq!(whole.len(), len);
        assert_eq!(denoise(&samples, 333), whole);
    }
}

#[test]
fn steady_noise_is_reduced() {
    let samples = scaled(&noise(80_000), 0.05);
    let clean = denoise(&samples, 1600);
    let change = 20.0 * (rms(&clean[32_000..]) / rms(&samples[32_000..])).log10();
    assert!(change < -10.0, "{change:.1} dB");
}

#[test]
fn a_voice_comes_through_in_its_place() {
    // A buzz with harmonics, swelling like syllables: what the network takes for a voice.
    let voice: Vec<f32> = (0..48_000)
        .map(|n| {
            let t = n as f64 / 16_000.0;
            let swell = (std::f64::consts::TAU * 3.0 * t).sin().max(0.0);
            let buzz: f64 = (1..15)
                .map(|h| (std::f64::consts::TAU * 120.0 * h as f64 * t).sin() / h as f64)
                .sum();
            (0.2 * swell * buzz) as f32
        })
        .collect();
    let clean = denoise(&voice, 1600);
    assert!(amplitude(middle(&clean), 120.0, 16_000) > 0.02);
    let correlation = |lag: i64| -> f64 {
        (10_000..38_000)
            .map(|n| f64::from(voice[n]) * f64::from(clean[(n as i64 + lag) as usize]))
            .sum()
    };
    let best = (-400..=400)
        .max_by(|a, b| correlation(*a).total_cmp(&correlation(*b)))
        .expect("lags");
    assert!(best.abs() <= 8, "delayed by {best} samples");
}
