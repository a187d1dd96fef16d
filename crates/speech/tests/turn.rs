//! The end-of-turn model on real speech.

mod support;

use std::time::Duration;
use support::{recording, sounds, turns};

/// Recording, samples up to 96 ms after speech stopped, and the probability that the reference
/// extractor and the published weights, multiplied in floats, give once 200 ms are silent.
const PAUSES: [(&str, usize, f32); 10] = [
    ("jfk.wav", 37_376, 0.952),
    ("jfk.wav", 72_192, 0.110),
    ("jfk.wav", 123_904, 0.035),
    ("jfk.wav", 171_008, 0.981),
    ("beckett.wav", 20_992, 0.925),
    ("beckett.wav", 46_592, 0.932),
    ("beckett.wav", 68_608, 0.153),
    ("beckett.wav", 91_136, 0.179),
    ("beckett.wav", 119_808, 0.386),
    ("beckett.wav", 143_872, 0.631),
];
const HEARD: Duration = Duration::from_millis(96);

#[test]
fn probabilities_are_those_of_the_reference() {
    for (name, to, expected) in PAUSES {
        let samples = recording(name);
        let found = turns().completion_after(&samples[..to], HEARD);
        let found = found.expect("the model runs");
        assert!(
            (found - expected).abs() < 0.03,
            "{name} at {to}: {found} is not {expected}"
        );
    }
}

#[test]
fn one_sample_more_or_less_does_not_change_the_answer() {
    let samples = recording("beckett.wav");
    let ask = |to: usize| {
        let found = turns().completion_after(&samples[..to], HEARD);
        found.expect("the model runs")
    };
    for shift in [1, 2, 8] {
        let (one, other) = (ask(119_808), ask(119_808 - shift));
        assert!((one - other).abs() < 0.03, "{one} {other} {shift}");
    }
}

#[test]
fn a_pause_that_is_cut_short_counts_as_a_whole_one() {
    let samples = recording("jfk.wav");
    for (name, to, _) in PAUSES.into_iter().filter(|pause| pause.0 == "jfk.wav") {
        let longer = Duration::from_millis(200);
        let late = turns().completion_after(&samples[..to + 1664], longer);
        let early = turns().completion_after(&samples[..to], HEARD);
        let (late, early) = (late.expect("it runs"), early.expect("it runs"));
        assert!((late - early).abs() < 0.1, "{name} at {to}: {late} {early}");
    }
}

#[test]
fn anything_gives_a_probability() {
    let mut all = sounds();
    all.push(("nothing", Vec::new()));
    all.push(("one sample", vec![1.0]));
    all.push(("no numbers", vec![f32::NAN, f32::INFINITY, -1e30]));
    for (name, samples) in all {
        let found = turns().completion(&samples).expect("the model runs");
        assert!((0.0..=1.0).contains(&found), "{name}: {found}");
    }
}

#[test]
fn many_streams_may_ask_at_once() {
    let samples = recording("jfk.wav");
    let ask = || turns().completion(&samples).expect("the model runs");
    let alone = ask();
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..6).map(|_| scope.spawn(ask)).collect();
        for stream in asking {
            let found = stream.join().expect("no panic");
            assert!((found - alone).abs() < 1e-3, "{found} {alone}");
        }
    });
}
