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
    let analyzer = ProsodyAnalyzer::new();
    for samples in [vec![0.0; 32_000], vec![0.5; 32_000], noise(32_000)] {
        assert_eq!(analyzer.measure(&samples), None);
        let pitch = analyzer.pitch(&samples);
        assert!(pitch.iter().flatten().count() < 10, "{pitch:?}");
    }
}

#[test]
fn too_little_to_measure_gives_nothing() {
    let analyzer = ProsodyAnalyzer::new();
    for count in [0, 1, 799, 800, 1_000] {
        assert_eq!(analyzer.measure(&tone(200.0, 1.0, 0.2)[..count]), None);
    }
}

#[test]
fn a_louder_copy_differs_in_level_alone() {
    let analyzer = ProsodyAnalyzer::new();
    let soft = analyzer
        .measure(&tone(150.0, 1.0, 0.02))
        .expect("a tone is voiced");
    let loud = analyzer
        .measure(&tone(150.0, 1.0, 0.2))
        .expect("a tone is voiced");
    for (name, (a, b)) in NAMES.iter().zip(soft.values().iter().zip(loud.values())) {
        let expected =
            match name.starts_with("level_") && name.ends_with("_db") && !name.contains("sd") {
                true => 20.0,
                false => 0.0,
            };
        assert!((b - a - expected).abs() < 0.2, "{name}: {a} {b}");
    }
}

#[test]
fn a_rising_tone_rises() {
    let mut phase = 0.0;
    let glide: Vec<f32> = (0..32_000)
        .map(|i| {
            phase += 2.0 * PI * (150.0 + 50.0 * i as f32 / 32_000.0) / 16_000.0;
            phase.sin() * 0.3
        })
        .collect();
    let found = ProsodyAnalyzer::new()
        .measure(&glide)
        .expect("it is voiced");
    let expected = 12.0 * (200.0_f32 / 150.0).log2() / 2.0;
    let trend = found.get("pitch_trend_st_per_s").expect("it is measured");
    assert!((trend - expected).abs() < 0.2, "{trend} {expected}");
}

#[test]
fn bursts_are_counted_as_syllables() {
    let mut speech = Vec::new();
    for _ in 0..8 {
        speech.extend(tone(180.0, 0.15, 0.2));
        speech.extend(vec![0.0; 1_600]);
    }
    let found = ProsodyAnalyzer::new()
        .measure(&speech)
        .expect("it is voiced");
    let runs = found.get("voiced_runs_per_s").expect("it is measured");
    let nuclei = found.get("nuclei_per_s").expect("it is measured");
    assert!((3.0..8.0).contains(&runs), "{runs}");
    assert!((3.0..8.0).contains(&nuclei), "{nuclei}");
}

#[test]
fn a_clean_tone_is_more_periodic_than_a_noisy_one() {
    let analyzer = ProsodyAnalyzer::new();
    let clean = tone(200.0, 1.0, 0.1);
    let noisy: Vec<f32> = clean
        .iter()
        .zip(noise(16_000))
        .map(|(a, b)| a + b * 0.5)
        .collect();
    let hnr = |samples: &[f32]| analyzer.measure(samples).and_then(|p| p.get("hnr_mean_db"));
    assert!(hnr(&clean) > hnr(&noisy));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_tone_has_its_pitch(hz in 80.0_f32..450.0, level in 0.01_f32..0.4) {
        let pitch = ProsodyAnalyzer::new().pitch(&tone(hz, 0.6, level));
        prop_assert!(pitch.iter().flatten().count() > 40);
        for found in pitch.into_iter().flatten() {
            prop_assert!((found / hz - 1.0).abs() < 0.01, "{} is not {}", found, hz);
        }
    }

    #[test]
    fn any_samples_give_finite_numbers(
        samples in prop::collection::vec(prop_oneof![
            8 => -1.0_f32..1.0, 1 => Just(f32::NAN), 1 => Just(f32::INFINITY), 1 => Just(1e30_f32)
        ], 0..6_000),
        repeats in 1_usize..6,
    ) {
        let samples = samples.repeat(repeats);
        if let Some(found) = ProsodyAnalyzer::new().measure(&samples) {
            prop_assert_eq!(found.values().len(), NAMES.len());
            prop_assert!(found.values().iter().all(|value| value.is_finite()));
        }
    }
}
