//! Voiceprints of real voices, against SpeechBrain's own.

mod support;

use speech::voice::{EMBEDDING, STATISTICS, excerpt};
use speech::{SpeechError, SpeechSegment, Voiceprint};
use support::{recording, sounds, voices};

/// Made by `training/voice_reference.py`, which says how: recording, first and last sample,
/// embedding, every 56th of the statistics.
const REFERENCE: &str = include_str!("fixtures/voiceprints.tsv");

/// Unrounded, the graph gives 0.9999999; in eight bits, 0.9992 to 0.9999.
const LEAST_LIKENESS: f64 = 0.999;

fn print(name: &str, from: usize, to: usize) -> Voiceprint {
    voices().print(&recording(name)[from..to]).expect("a voice")
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        assert_eq!(a.len(), b.len());
        a.iter()
            .zip(b)
            .map(|(&a, &b)| f64::from(a) * f64::from(b))
            .sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

fn numbers(text: &str) -> Vec<f32> {
    text.split(' ')
        .map(|number| number.parse().expect("a number"))
        .collect()
}

#[test]
fn prints_are_those_of_the_reference() {
    for line in REFERENCE.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let place = |field: usize| fields[field].parse().expect("a place");
        let ours = print(fields[0], place(1), place(2));
        assert_eq!(
            (ours.embedding.len(), ours.statistics.len()),
            (EMBEDDING, STATISTICS)
        );
        let likeness = cosine(&ours.embedding, &numbers(fields[3]));
        assert!(
            likeness >= LEAST_LIKENESS,
            "{} at {}: {likeness}",
            fields[0],
            fields[1]
        );
        let statistics: Vec<f32> = ours.statistics.iter().copied().step_by(56).collect();
        let likeness = cosine(&statistics, &numbers(fields[4]));
        assert!(
            likeness >= LEAST_LIKENESS,
            "{} at {}: {likeness}",
            fields[0],
            fields[1]
        );
    }
}

#[test]
fn one_voice_is_nearer_to_itself_than_to_any_other() {
    let clips = [
        [("jfk.wav", 5_000, 53_000), ("jfk.wav", 110_000, 158_000)],
        [
            ("beckett.wav", 8_000, 56_000),
            ("beckett.wav", 80_000, 128_000),
        ],
        [
            ("two_cities.wav", 32_000, 80_000),
            ("two_cities.wav", 400_000, 448_000),
        ],
    ];
    let prints = clips.map(|pair| pair.map(|(name, from, to)| print(name, from, to)));
    for (one, [a, b]) in prints.iter().enumerate() {
        let itself = a.similarity(b);
        for (_, others) in prints.iter().enumerate().filter(|(other, _)| *other != one) {
            for other in others {
                let nearest = a.similarity(other).max(b.similarity(other));
                assert!(itself > nearest + 0.2, "{one}: {itself} {nearest}");
            }
        }
    }
}

#[test]
fn an_embedding_has_length_one_and_loudness_does_not_matter() {
    let samples = &recording("jfk.wav")[..48_000];
    let loud = voices().print(samples).expect("a voice");
    assert!((cosine(&loud.embedding, &loud.embedding) - 1.0).abs() < 1e-6);
    assert!((loud.similarity(&loud) - 1.0).abs() < 1e-5);
    let quiet: Vec<f32> = samples.iter().map(|sample| sample * 0.05).collect();
    let quiet = voices().print(&quiet).expect("a voice");
    assert!(
        loud.similarity(&quiet) > 0.99,
        "{}",
        loud.similarity(&quiet)
    );
}

#[test]
fn what_says_nothing_of_a_voice_is_refused() {
    let refusal = |samples: &[f32]| voices().print(samples).expect_err("no voice");
    let short = refusal(&[0.5; 6_399]);
    assert!(matches!(short, SpeechError::ClipTooShort { .. }), "{short}");
    assert!(matches!(refusal(&[]), SpeechError::ClipTooShort { .. }));
    let long = refusal(&[0.5; 96_001]);
    assert!(matches!(long, SpeechError::SegmentTooLong { .. }), "{long}");
    for silent in [0.0, f32::NAN, f32::INFINITY, 1e-5] {
        assert!(matches!(
            refusal(&[silent; 16_000]),
            SpeechError::SilentClip
        ));
    }
}

#[test]
fn any_sound_gives_finite_numbers() {
    let mut all = sounds();
    all.retain(|(name, _)| *name != "silence");
    all.push(("far too loud", vec![1e30; 8_000]));
    let mut broken = recording("jfk.wav")[..16_000].to_vec();
    broken[7_000..9_000].fill(f32::NAN);
    all.push(("a hole in it", broken));
    for (name, samples) in all {
        let print = voices().print(&samples).expect("numbers");
        let numbers = || print.embedding.iter().chain(&print.statistics);
        assert!(numbers().all(|number| number.is_finite()), "{name}");
    }
}

#[test]
fn an_excerpt_stands_for_its_segment() {
    let whole = recording("jfk.wav");
    let excerpt = excerpt(&SpeechSegment::whole(whole.clone())).expect("eleven seconds");
    let part = voices().print(&excerpt).expect("a voice");
    for start in [0, 40_000, 80_000] {
        let six_seconds = voices()
            .print(&whole[start..start + 96_000])
            .expect("a voice");
        let likeness = part.similarity(&six_seconds);
        assert!(likeness > 0.7, "{start}: {likeness}");
    }
}

#[test]
fn many_may_ask_at_once() {
    let samples = &recording("jfk.wav")[..24_000];
    let ask = || voices().print(samples).expect("a voice");
    let alone = ask();
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        for one in asking {
            let likeness = one.join().expect("no panic").similarity(&alone);
            assert!(likeness > 0.999, "{likeness}");
        }
    });
}
