//! The resampler: exact length, any blocks, no aliases, no delay.

mod common;

use audio::Resampler;
use common::{amplitude, middle, rms, tone};
use proptest::prelude::*;

fn resample(samples: &[f32], from: u32, to: u32, blocks: &[usize]) -> Vec<f32> {
    let mut resampler = Resampler::new(from, to).expect("rates in range");
    let mut out = Vec::new();
    let mut rest = samples;
    let mut sizes = blocks.iter().cycle();
    while !rest.is_empty() {
        let (now, later) = rest.split_at((*sizes.next().expect("cycle")).clamp(1, rest.len()));
        out.extend(resampler.push(now));
        rest = later;
    }
    out.extend(resampler.finish());
    out
}

const PAIRS: &[(u32, u32)] = &[
    (8000, 16_000),
    (11_025, 16_000),
    (16_000, 8000),
    (16_000, 24_000),
    (16_000, 48_000),
    (22_050, 16_000),
    (24_000, 8000),
    (24_000, 16_000),
    (32_000, 16_000),
    (44_100, 16_000),
    (48_000, 16_000),
    (88_200, 16_000),
    (96_000, 16_000),
    (192_000, 16_000),
    (4000, 16_000),
    (44_101, 16_000),
];

#[test]
fn tones_pass_unchanged_and_aliases_do_not() {
    for &(from, to) in PAIRS {
        let nyquist = f64::from(from.min(to)) / 2.0;
        let frames = (f64::from(to) * 2.0) as usize;
        for hz in [200.0, nyquist * 0.5, nyquist * 0.9] {
            let out = resample(&tone(hz, from, 2.0), from, to, &[4096]);
            assert_eq!(out.len(), frames);
            let level = amplitude(middle(&out), hz, to);
            assert!(
                (level - 0.5).abs() < 0.01,
                "{from} to {to}: {hz} Hz came out at {level:.3}"
            );
            let clean: Vec<f32> = out
                .iter()
                .zip(tone(hz, to, 2.0))
                .map(|(a, b)| a - b)
                .collect();
            let error = 20.0 * (rms(middle(&clean)) / 0.3536).log10();
            assert!(
                error < -60.0,
                "{from} to {to}: {hz} Hz differs by {error:.1} dB"
            );
        }
        if from > to {
            for hz in [nyquist * 1.1, nyquist * 1.3] {
                if hz < f64::from(from) / 2.0 {
                    let out = resample(&tone(hz, from, 2.0), from, to, &[4096]);
                    let alias = 20.0 * (rms(middle(&out)) / 0.3536).log10();
                    assert!(
                        alias < -60.0,
                        "{from} to {to}: {hz} Hz leaks at {alias:.1} dB"
                    );
                }
            }
        }
    }
}

#[test]
fn a_resampler_can_be_used_again_after_finish() {
    let samples = tone(440.0, 44_100, 0.5);
    let mut resampler = Resampler::new(44_100, 16_000).expect("rates in range");
    let mut run = || [resampler.push(&samples), resampler.finish()].concat();
    assert_eq!(run(), run());
}

#[test]
fn small_blocks_answer_within_fifty_milliseconds() {
    for (from, to) in [
        (8000, 16_000),
        (48_000, 16_000),
        (44_100, 16_000),
        (24_000, 8000),
    ] {
        let lower = from.min(to) as usize;
        let mut resampler = Resampler::with_block(from, to, lower / 50).expect("rates in range");
        let frame = tone(440.0, from, 0.02);
        let mut given = 0;
        for frames in 1..=50usize {
            given += resampler.push(&frame).len();
            let owed = frames * to as usize / 50;
            assert!(
                owed - given.min(owed) <= to as usize / 20,
                "{from} to {to}: {given} of {owed}"
            );
        }
    }
}

#[test]
fn rates_out_of_range_are_refused() {
    assert!(Resampler::new(0, 16_000).is_err());
    assert!(Resampler::new(16_000, 0).is_err());
    assert!(Resampler::new(16_000, 400_000).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn length_is_exact_and_blocks_do_not_matter(
        pair in 0..PAIRS.len(),
        len in 1usize..20_000,
        blocks in prop::collection::vec(1usize..5000, 1..8),
    ) {
        let (from, to) = PAIRS[pair];
        let samples: Vec<f32> = (0..len).map(|n| ((n * 7919 % 1000) as f32 / 1000.0) - 0.5).collect();
        let whole = resample(&samples, from, to, &[len]);
        prop_assert_eq!(whole.len(), (len * to as usize).div_ceil(from as usize));
        prop_assert_eq!(&resample(&samples, from, to, &blocks), &whole);
    }

    #[test]
    fn odd_rates_give_exact_lengths(from in 4000u32..192_000, to in 4000u32..192_000, len in 1usize..3000) {
        let out = resample(&vec![0.25; len], from, to, &[997]);
        prop_assert_eq!(out.len() as u64, (len as u64 * u64::from(to)).div_ceil(u64::from(from)));
    }
}
