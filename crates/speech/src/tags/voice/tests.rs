use super::*;
use proptest::prelude::*;

fn tagger() -> VoiceTagger {
    VoiceTagger::embedded().expect("the heads are sound")
}

/// A buzz with the pitch and harmonics of a voice.
fn buzz(seconds: f32) -> Vec<f32> {
    let sample = |i: usize| {
        let phase = std::f32::consts::TAU * 140.0 * i as f32 / 16_000.0;
        (1..9)
            .map(|k| (phase * k as f32).sin() / k as f32)
            .sum::<f32>()
            * 0.1
    };
    (0..(seconds * 16_000.0) as usize).map(sample).collect()
}

fn print(of: impl Fn(usize) -> f32) -> Voiceprint {
    Voiceprint {
        embedding: vec![0.0; crate::voice::EMBEDDING],
        statistics: (0..crate::voice::STATISTICS).map(of).collect(),
    }
}

fn all(tags: &VoiceTags) -> [&Option<Distribution>; 3] {
    [&tags.emotion, &tags.age, &tags.gender]
}

#[test]
fn the_heads_are_part_of_the_program() {
    let tagger = tagger();
    let [emotion, age, gender] = tagger.labels();
    assert_eq!((emotion.0, emotion.1.len()), ("emotion", 5));
    assert_eq!((age.0, age.1.len()), ("age", 5));
    assert_eq!((gender.0, gender.1.len()), ("gender", 2));
    assert!(age.1.iter().any(|label| label == CHILD));
    for ((_, labels), (_, absent)) in tagger.labels().into_iter().zip(tagger.absent()) {
        assert!(absent.iter().all(|label| !labels.contains(label)));
    }
    assert_eq!(tagger.absent()[0].1, ["EMOTION_SURPRISE"]);
}

#[test]
fn silence_has_no_tags() {
    let tagger = tagger();
    let features = tagger.features(&print(|_| 0.1), &[0.0; 32_000]);
    assert!(!features.is_voiced());
    assert_eq!(tagger.tag(&[(&features, 0)]), [VoiceTags::default()]);
    let mut speaker = VoiceBaseline::default();
    assert_eq!(
        tagger.tag_live(&mut speaker, &features),
        VoiceTags::default()
    );
    assert_eq!(speaker.segments(), 0.0);
}

#[test]
fn no_segments_have_no_tags() {
    assert_eq!(tagger().tag(&[]), []);
}

#[test]
fn the_last_of_a_live_call_is_tagged_as_in_a_batch() {
    let tagger = tagger();
    let segments: Vec<VoiceFeatures> = (0..6)
        .map(|n| {
            tagger.features(
                &print(|i| ((i * 7 + n * 131) % 97) as f32 / 97.0),
                &buzz(2.0),
            )
        })
        .collect();
    let mut speaker = VoiceBaseline::default();
    let live: Vec<VoiceTags> = segments
        .iter()
        .map(|one| tagger.tag_live(&mut speaker, one))
        .collect();
    let batch = tagger.tag(&segments.iter().map(|one| (one, 3)).collect::<Vec<_>>());
    for (live, batch) in all(&live[5]).into_iter().zip(all(&batch[5])) {
        let probabilities = |found: &Option<Distribution>| {
            found
                .as_ref()
                .map_or(vec![], |found| found.probabilities().to_vec())
        };
        for (a, b) in probabilities(live).iter().zip(probabilities(batch)) {
            assert!((a - b).abs() < 1e-3, "{live:?} {batch:?}");
        }
    }
}

#[test]
fn speakers_do_not_touch_each_other() {
    let tagger = tagger();
    let one = tagger.features(&print(|i| (i % 13) as f32 / 13.0), &buzz(2.0));
    let other = tagger.features(&print(|i| (i % 29) as f32 / 10.0), &buzz(2.0));
    let alone = tagger.tag(&[(&one, 0)]);
    let beside = tagger.tag(&[(&one, 0), (&other, 1), (&other, 1)]);
    assert_eq!(alone[0], beside[0]);
}

#[test]
fn merged_speakers_are_one() {
    let tagger = tagger();
    let segments: Vec<VoiceFeatures> = (0..4)
        .map(|n| tagger.features(&print(|i| ((i + n) % 31) as f32 / 31.0), &buzz(1.5)))
        .collect();
    let [mut left, mut right, mut whole] = [(); 3].map(|()| VoiceBaseline::default());
    segments.iter().for_each(|one| whole.add(one));
    segments[..2].iter().for_each(|one| left.add(one));
    segments[2..].iter().for_each(|one| right.add(one));
    left.merge(&right);
    assert_eq!(left.segments(), whole.segments());
    assert_eq!(left.age.mean(), whole.age.mean());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn distributions_sum_to_one_whatever_the_voice(
        scale in prop_oneof![Just(0.0_f32), 0.01_f32..10.0, Just(1e30_f32), Just(f32::NAN)],
        speakers in prop::collection::vec(0_usize..3, 1..12),
    ) {
        let tagger = tagger();
        let voice = buzz(1.0);
        let segments: Vec<(VoiceFeatures, usize)> = speakers
            .into_iter()
            .enumerate()
            .map(|(n, speaker)| {
                let print = print(|i| ((i * (n + 3)) % 101) as f32 / 101.0 * scale);
                (tagger.features(&print, &voice), speaker)
            })
            .collect();
        let given: Vec<_> = segments.iter().map(|(one, speaker)| (one, *speaker)).collect();
        for tags in tagger.tag(&given) {
            for found in all(&tags).into_iter().flatten() {
                let sum: f32 = found.probabilities().iter().sum();
                prop_assert!((sum - 1.0).abs() < 1e-4, "{:?}", found);
            }
        }
    }
}
