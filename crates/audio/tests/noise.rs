//! Noise reduction: hum goes, speech stays, and the nearest voice is found.

mod common;

use audio::{Denoiser, foreground};
use common::{amplitude, middle, rms};
use proptest::prelude::*;
use std::f64::consts::TAU;

const RATE_HZ: f64 = 16_000.0;

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

/// Mains hum with falling harmonics up to 1 kHz.
fn hum(mains_hz: f64, len: usize) -> Vec<f32> {
    let count = (1000.0 / mains_hz) as usize;
    let at = |n: usize| -> f64 {
        let t = n as f64 / RATE_HZ;
        (1..=count)
            .map(|k| (TAU * mains_hz * k as f64 * t + k as f64).sin() / k as f64)
            .sum()
    };
    (0..len).map(|n| 0.05 * at(n) as f32).collect()
}

/// A buzz with harmonics whose pitch glides and which swells like syllables.
fn voice(len: usize) -> Vec<f32> {
    let mut phase = 0.0;
    (0..len)
        .map(|n| {
            let t = n as f64 / RATE_HZ;
            phase += (130.0 + 30.0 * (TAU * 0.7 * t).sin()) / RATE_HZ;
            let swell = (TAU * 3.0 * t).sin().max(0.0);
            let buzz: f64 = (1..20)
                .map(|h| (TAU * phase * h as f64).sin() / h as f64)
                .sum();
            (0.2 * swell * buzz) as f32
        })
        .collect()
}

fn sum(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

fn db(ratio: f64) -> f64 {
    20.0 * ratio.log10()
}

fn reduce(mut denoiser: Denoiser, samples: &[f32], block: usize) -> Vec<f32> {
    let mut out = Vec::new();
    for part in samples.chunks(block) {
        out.extend(denoiser.push(part));
    }
    out.extend(denoiser.finish());
    out
}

#[test]
fn hum_falls_by_twenty_decibels_from_the_first_second_of_a_recording() {
    for mains_hz in [49.9, 50.0, 50.13, 59.95, 60.0] {
        let hum = sum(
            &hum(mains_hz, 96_000),
            &noise(96_000).iter().map(|x| x * 0.002).collect::<Vec<_>>(),
        );
        let clean = reduce(Denoiser::recording(), &hum, 1600);
        for second in 1..6 {
            let part = second * 16_000..(second + 1) * 16_000;
            let change = db(rms(&clean[part.clone()]) / rms(&hum[part]));
            assert!(
                change < -20.0,
                "{mains_hz} Hz, second {second}: {change:.1} dB"
            );
        }
    }
}

#[test]
fn live_hum_falls_within_two_seconds_and_nothing_waits() {
    let hum = hum(50.0, 64_000);
    let mut denoiser = Denoiser::live();
    let mut clean = Vec::new();
    for part in hum.chunks(160) {
        let out = denoiser.push(part);
        assert_eq!(out.len(), part.len());
        clean.extend(out);
    }
    assert!(denoiser.finish().is_empty());
    let change = db(rms(&clean[32_000..]) / rms(&hum[32_000..]));
    assert!(change < -20.0, "{change:.1} dB");
}

#[test]
fn hum_is_found_under_a_voice_and_the_voice_stays() {
    let (voice, hum) = (voice(128_000), hum(60.0, 128_000));
    let clean = reduce(Denoiser::recording(), &sum(&voice, &hum), 1600);
    let left: Vec<f32> = clean.iter().zip(&voice).map(|(c, v)| c - v).collect();
    let snr = |rest: &[f32]| db(rms(&voice[32_000..]) / rms(&rest[32_000..]));
    assert!(
        snr(&left) > snr(&hum) + 6.0,
        "{:.1} from {:.1} dB",
        snr(&left),
        snr(&hum)
    );
    let level = db(rms(&clean[32_000..]) / rms(&voice[32_000..]));
    assert!(level.abs() < 1.0, "{level:.1} dB");
}

#[test]
fn what_does_not_hum_is_not_touched() {
    for samples in [voice(96_000), noise(96_000), vec![0.0; 96_000]] {
        assert!(reduce(Denoiser::recording(), &samples, 1600) == samples);
        assert!(reduce(Denoiser::live(), &samples, 1600) == samples);
    }
}

#[test]
fn a_tune_is_no_hum() {
    // 200 Hz and its octave are multiples of 50, but two lines are too few.
    let tune: Vec<f32> = (0..64_000)
        .map(|n| {
            let t = n as f64 / RATE_HZ;
            (0.1 * ((TAU * 200.0 * t).sin() + (TAU * 400.0 * t).sin())) as f32
        })
        .collect();
    let out = reduce(Denoiser::recording(), &tune, 1600);
    assert!((amplitude(middle(&out), 200.0, 16_000) - 0.1).abs() < 0.005);
}

#[test]
fn the_same_comes_out_whatever_the_blocks() {
    let samples = sum(&voice(70_000), &hum(50.0, 70_000));
    for make in [Denoiser::live, Denoiser::recording] {
        let whole = reduce(make(), &samples, samples.len());
        for block in [1, 159, 4_096, 31_999] {
            assert!(
                reduce(make(), &samples, block) == whole,
                "blocks of {block}"
            );
        }
    }
}

#[test]
fn a_finished_denoiser_is_as_new() {
    let samples = hum(50.0, 50_000);
    let mut denoiser = Denoiser::recording();
    let once = |denoiser: &mut Denoiser| {
        let mut out = denoiser.push(&samples);
        out.extend(denoiser.finish());
        out
    };
    assert!(once(&mut denoiser) == once(&mut denoiser));
}

proptest! {
    #[test]
    fn the_length_is_kept_and_no_sample_explodes(
        samples in prop::collection::vec(-1.0f32..1.0, 0..5000),
        repeat in 1usize..12,
        block in 1usize..5000,
    ) {
        let samples = samples.repeat(repeat);
        for denoiser in [Denoiser::live(), Denoiser::recording()] {
            let out = reduce(denoiser, &samples, block);
            prop_assert_eq!(out.len(), samples.len());
            prop_assert!(out.iter().all(|sample| sample.is_finite() && sample.abs() < 20.0));
        }
    }

    #[test]
    fn the_foreground_lies_within(samples in prop::collection::vec(-1.0f32..1.0, 0..40_000)) {
        let part = foreground(&samples);
        prop_assert!(part.start <= part.end && part.end <= samples.len());
    }
}

/// Two seconds of background, two with noise twice as loud on top, one of background.
fn near_in(background: Vec<f32>) -> Vec<f32> {
    let near: Vec<f32> = (0..80_000)
        .zip(noise(90_000).into_iter().skip(7))
        .map(|(n, x)| {
            if (32_000..64_000).contains(&n) {
                0.15 * x
            } else {
                0.0
            }
        })
        .collect();
    sum(&background, &near)
}

#[test]
fn a_near_voice_is_cut_out_of_distant_ones() {
    // Louder and quieter by turns, as voices are.
    let turns = [0.08, 0.08, 0.045];
    let voices = noise(80_000).into_iter().enumerate();
    let voices = voices.map(|(n, x)| turns[n / 1600 % 3] * x).collect();
    let part = foreground(&near_in(voices));
    assert!((24_000..32_000).contains(&part.start), "{part:?}");
    assert!((64_000..74_000).contains(&part.end), "{part:?}");
}

#[test]
fn in_steady_noise_nothing_is_cut() {
    let samples = near_in(noise(80_000).iter().map(|x| x * 0.05).collect());
    assert_eq!(foreground(&samples), 0..samples.len());
}

#[test]
fn a_voice_in_a_quiet_room_is_left_alone() {
    let mut fading = voice(64_000);
    for (n, sample) in fading.iter_mut().enumerate() {
        *sample *= 1.0 - n as f32 / 70_000.0;
    }
    for samples in [
        voice(64_000),
        fading,
        noise(64_000),
        noise(3_000),
        Vec::new(),
    ] {
        assert_eq!(foreground(&samples), 0..samples.len());
    }
}
