//! Voice tags of real voices.

mod support;

use speech::voice::excerpt;
use speech::{SpeechSegment, VoiceBaseline, VoiceFeatures, VoiceTagger, VoiceTags};
use support::{recording, sounds, voices};

fn tagger() -> VoiceTagger {
    VoiceTagger::embedded().expect("the heads are sound")
}

/// Features of parts of a recording, given in seconds.
fn features(tagger: &VoiceTagger, name: &str, parts: &[(f64, f64)]) -> Vec<VoiceFeatures> {
    let samples = recording(name);
    let of = |&(from, to): &(f64, f64)| {
        let part = &samples[(from * 16_000.0) as usize..(to * 16_000.0) as usize];
        let segment = SpeechSegment::whole(part.to_vec());
        let print = voices().print(&excerpt(&segment).expect("long enough"));
        tagger.features(&print.expect("a voice"), part)
    };
    parts.iter().map(of).collect()
}

/// Tags of the parts, all of one speaker.
fn tags(name: &str, parts: &[(f64, f64)]) -> Vec<VoiceTags> {
    let tagger = tagger();
    let features = features(&tagger, name, parts);
    tagger.tag(&features.iter().map(|one| (one, 0)).collect::<Vec<_>>())
}

fn gender(tags: &VoiceTags) -> &str {
    let found = tags.gender.as_ref().and_then(|found| found.top());
    found.map_or("none", |(label, _)| label)
}

#[test]
fn men_are_heard_as_men() {
    let seconds = |count: usize| {
        (0..count)
            .map(|n| (2.0 * n as f64, 2.0 * n as f64 + 2.0))
            .collect::<Vec<_>>()
    };
    for (name, parts) in [("jfk.wav", seconds(5)), ("beckett.wav", seconds(4))] {
        for tags in tags(name, &parts) {
            assert_eq!(gender(&tags), "GENDER_MALE", "{name}: {tags:?}");
        }
    }
}

#[test]
fn one_segment_is_enough_for_a_speaker_but_not_for_an_emotion() {
    let found = &tags("jfk.wav", &[(0.5, 3.5)])[0];
    assert_eq!(gender(found), "GENDER_MALE");
    for found in [&found.age, &found.gender] {
        let sum: f32 = found
            .as_ref()
            .expect("a voice")
            .probabilities()
            .iter()
            .sum();
        assert!((sum - 1.0).abs() < 1e-4);
    }
    assert_eq!(found.emotion, None);
}

#[test]
fn age_and_gender_are_the_same_in_all_segments_of_a_speaker() {
    let found = tags("two_cities.wav", &[(2.0, 5.0), (12.0, 15.0), (22.0, 25.0)]);
    for one in &found[1..] {
        assert_eq!((&one.age, &one.gender), (&found[0].age, &found[0].gender));
    }
}

#[test]
fn sounds_without_a_voice_have_no_tags() {
    let tagger = tagger();
    let print = voices()
        .print(&recording("jfk.wav")[..48_000])
        .expect("a voice");
    for (name, samples) in sounds() {
        if name == "chords" || name == "dialling tones" || name == "mains hum" {
            continue; // They have a pitch, as a voice has.
        }
        let features = tagger.features(&print, &samples);
        assert_eq!(
            tagger.tag(&[(&features, 0)]),
            [VoiceTags::default()],
            "{name}"
        );
    }
}

#[test]
fn a_live_call_is_tagged_from_its_first_segment() {
    let tagger = tagger();
    let mut speaker = VoiceBaseline::default();
    let parts = [(0.5, 3.0), (3.0, 5.5), (5.5, 8.0), (8.0, 10.5)];
    let mut emotions = Vec::new();
    for features in features(&tagger, "jfk.wav", &parts) {
        let tags = tagger.tag_live(&mut speaker, &features);
        assert_eq!(gender(&tags), "GENDER_MALE");
        emotions.push(tags.emotion.is_some());
    }
    assert_eq!(emotions, [false, false, false, true]);
}
