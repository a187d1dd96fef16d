//! Loudness.

mod common;

use audio::{LoudnessMeter, apply_gain};
use common::{rms, tone};
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

/// Sounds of these levels (decibels relative to the first) and a second's pause after each.
fn speakers(levels_db: &[f32]) -> Vec<f32> {
    let mut samples = Vec::new();
    for level in levels_db {
        samples.extend(scaled(
            &tone(300.0, 16_000, 4.0),
            0.2 * 10f32.powf(level / 20.0),
        ));
        samples.extend(scaled(&noise(16_000), 1e-4));
    }
    samples
}

fn levelled(samples: &[f32], block: usize) -> Vec<f32> {
    let mut meter = LoudnessMeter::new(16_000);
    samples.chunks(1234).for_each(|block| meter.push(block));
    let (mut curve, mut out) = (meter.curve(), samples.to_vec());
    out.chunks_mut(block).for_each(|block| curve.apply(block));
    out
}

#[test]
fn a_distant_speaker_is_brought_nearer_than_a_near_one() {
    let samples = speakers(&[0.0, -22.0, 0.0, -22.0]);
    let out = levelled(&samples, 1000);
    let level = |at: usize| 20.0 * rms(&out[at * 80_000 + 16_000..at * 80_000 + 48_000]).log10();
    for at in 0..4 {
        assert!((-30.0..-14.0).contains(&level(at)), "{:.1} dB", level(at));
    }
    assert!((level(0) - level(1)).abs() < 10.0);
}

#[test]
fn even_speech_gets_one_gain_and_its_pauses_too() {
    let samples = speakers(&[-10.0, -14.0, -8.0]);
    let gain = gain_of(&samples);
    let mut whole = samples.clone();
    apply_gain(&mut whole, gain);
    assert_eq!(levelled(&samples, 777), whole);
}

#[test]
fn a_gain_curve_does_not_depend_on_the_blocks() {
    let samples = speakers(&[0.0, -25.0]);
    assert_eq!(levelled(&samples, 1), levelled(&samples, 160_000));
    assert_eq!(levelled(&[], 1), Vec::<f32>::new());
}

proptest! {
    #[test]
    fn no_gain_curve_clips(levels in prop::collection::vec(-50.0f32..14.0, 1..4)) {
        let out = levelled(&speakers(&levels), 4096);
        prop_assert!(out.iter().all(|sample| sample.abs() <= 0.8913));
    }
}
