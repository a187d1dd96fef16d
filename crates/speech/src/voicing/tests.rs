use super::*;
use proptest::prelude::*;
use std::f32::consts::PI;

fn tone(hz: f32, seconds: f32, level: f32) -> Vec<f32> {
    let sample = |i: usize| {
        let phase = 2.0 * PI * hz * i as f32 / 16_000.0;
        // Like a voice: many harmonics, each softer than the one before.
        (1..8)
            .map(|k| (phase * k as f32).sin() / k as f32)
            .sum::<f32>()
            * level
    };
    (0..(seconds * 16_000.0) as usize).map(sample).collect()
}

fn noise(count: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next() * 0.1).collect()
}

#[test]
fn silence_and_noise_have_no_pitch() {
    let analyzer = Voicing::new();
    for samples in [vec![0.0; 32_000], vec![0.5; 32_000], noise(32_000)] {
        assert_eq!(analyzer.voiced_s(&samples), None);
        let pitch = analyzer.pitch(&samples);
        assert!(pitch.iter().flatten().count() < 10, "{pitch:?}");
    }
}

#[test]
fn too_little_to_measure_is_not_voiced() {
    let analyzer = Voicing::new();
    for count in [0, 1, 799, 800, 1_000] {
        assert_eq!(analyzer.voiced_s(&tone(200.0, 1.0, 0.2)[..count]), None);
    }
}

#[test]
fn a_louder_copy_is_as_voiced() {
    let analyzer = Voicing::new();
    let voiced = |level| analyzer.voiced_s(&tone(150.0, 1.0, level));
    assert_eq!(voiced(0.02), voiced(0.2));
    assert!(voiced(0.2).is_some_and(|s| (0.9..1.0).contains(&s)));
}

#[test]
fn bursts_are_voiced_and_the_silence_between_is_not() {
    let mut speech = Vec::new();
    for _ in 0..8 {
        speech.extend(tone(180.0, 0.15, 0.2));
        speech.extend(vec![0.0; 1_600]);
    }
    let voiced = Voicing::new().voiced_s(&speech).expect("it is voiced");
    assert!((0.8..1.6).contains(&voiced), "{voiced}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_tone_has_its_pitch(hz in 80.0_f32..450.0, level in 0.01_f32..0.4) {
        let pitch = Voicing::new().pitch(&tone(hz, 0.6, level));
        prop_assert!(pitch.iter().flatten().count() > 40);
        for found in pitch.into_iter().flatten() {
            prop_assert!((found / hz - 1.0).abs() < 0.01, "{} is not {}", found, hz);
        }
    }

    #[test]
    fn any_samples_give_finite_pitches(
        samples in prop::collection::vec(prop_oneof![
            8 => -1.0_f32..1.0, 1 => Just(f32::NAN), 1 => Just(f32::INFINITY), 1 => Just(1e30_f32)
        ], 0..6_000),
        repeats in 1_usize..6,
    ) {
        let samples = samples.repeat(repeats);
        let found = Voicing::new().pitch(&samples);
        prop_assert!(found.into_iter().flatten().all(f32::is_finite));
    }
}
