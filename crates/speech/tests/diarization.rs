//! Diarization with the real models, on a recording of two speakers and on what is none.

mod support;

use speech::{Diarization, SpeakerLimits, SpeakerTracker, SpeechSegment};
use support::{diarizer, recording, recording_bytes, sounds, voices};

fn diarize(samples: &[f32], limits: SpeakerLimits) -> Diarization<usize> {
    let mut heard = diarizer().recording(|_, samples| samples.len());
    for block in samples.chunks(7_919) {
        heard.push(block).expect("the models run");
    }
    heard.finish(&limits).expect("the models run")
}

fn exactly(count: usize) -> SpeakerLimits {
    SpeakerLimits {
        exact: Some(count),
        ..SpeakerLimits::default()
    }
}

/// `(start, end, speaker)` of the recording of two speakers.
fn reference() -> Vec<(f64, f64, usize)> {
    let text = String::from_utf8(recording_bytes("sample.rttm")).expect("text");
    let mut names: Vec<String> = Vec::new();
    let mut turns = Vec::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let number = |i: usize| fields[i].parse::<f64>().expect("a number");
        let name = fields[7].to_owned();
        let speaker = names.iter().position(|other| *other == name);
        let speaker = speaker.unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        turns.push((number(3), number(3) + number(4), speaker));
    }
    turns
}

/// Diarization error rate of two speakers: no collar, overlaps scored, steps of 10 ms.
fn error_rate(found: &[(f64, f64, usize)]) -> f64 {
    let active = |turns: &[(f64, f64, usize)], second: f64| -> Vec<usize> {
        let on = turns
            .iter()
            .filter(|turn| (turn.0..turn.1).contains(&second));
        on.map(|turn| turn.2).collect()
    };
    let reference = reference();
    let wrong = |swapped: bool| {
        let (mut wrong, mut all) = (0, 0);
        for step in 0..3_100 {
            let second = f64::from(step) * 0.01;
            let said = active(&reference, second);
            let heard = active(found, second);
            let name = |&speaker: &usize| if swapped { 1 - speaker.min(1) } else { speaker };
            let right = heard.iter().map(name).filter(|s| said.contains(s)).count();
            wrong += said.len().max(heard.len()) - right;
            all += said.len();
        }
        wrong as f64 / all as f64
    };
    wrong(false).min(wrong(true))
}

#[test]
fn two_speakers_are_told_apart() {
    let found = diarize(&recording("sample.wav"), SpeakerLimits::default());
    assert_eq!(found.speakers.len(), 2, "{:?}", found.turns);
    let turns: Vec<_> = found
        .turns
        .iter()
        .map(|t| (t.start_s, t.end_s, t.speaker))
        .collect();
    let rate = error_rate(&turns);
    assert!(rate < 0.09, "{rate}: {turns:?}");
    assert_eq!(found.turns[0].speaker, 0);
    assert!(
        found
            .turns
            .iter()
            .all(|turn| (0.0..=1.0).contains(&turn.confidence))
    );
    assert!(
        found
            .turns
            .windows(2)
            .all(|pair| pair[0].start_s <= pair[1].start_s)
    );
    // What is spoken alone is embedded once, and not more of it than there is.
    let embedded: usize = found.chunks.iter().map(|chunk| chunk.features).sum();
    assert!((5 * 16_000..25 * 16_000).contains(&embedded), "{embedded}");
    assert!(
        found
            .chunks
            .iter()
            .all(|chunk| chunk.speaker < 2 && chunk.end_s <= 30.1)
    );
}

#[test]
fn words_of_two_speakers_become_runs() {
    let found = diarize(&recording("sample.wav"), SpeakerLimits::default());
    // Evenly spread words where one alone speaks, by the reference.
    let words: Vec<(f64, f64)> = [10.6, 11.2, 11.8, 15.0, 15.6, 16.2, 22.0, 22.6, 28.6, 29.2]
        .map(|start| (start, start + 0.4))
        .to_vec();
    let runs = found.attribute(&words);
    let spans: Vec<_> = runs.iter().map(|run| run.words.clone()).collect();
    assert_eq!(spans, [0..3, 3..8, 8..10], "{runs:?}");
    assert_eq!(runs[0].speaker, runs[2].speaker);
}

#[test]
fn as_many_speakers_are_found_as_are_asked_for_where_there_is_speech_for_them() {
    let samples = recording("sample.wav");
    for count in 1..=4 {
        assert_eq!(diarize(&samples, exactly(count)).speakers.len(), count);
    }
    let at_most = SpeakerLimits {
        max: 1,
        ..SpeakerLimits::default()
    };
    assert_eq!(diarize(&samples, at_most).speakers.len(), 1);
    let at_least = SpeakerLimits {
        min: 3,
        ..SpeakerLimits::default()
    };
    assert_eq!(diarize(&samples, at_least).speakers.len(), 3);
}

#[test]
fn one_speaker_is_one_and_asked_as_five_gives_no_more_than_there_are_stretches() {
    let samples = recording("jfk.wav");
    assert_eq!(
        diarize(&samples, SpeakerLimits::default()).speakers.len(),
        1
    );
    let found = diarize(&samples, exactly(5)).speakers.len();
    assert!((1..=5).contains(&found), "{found}");
    let short = diarize(&samples[..24_000], exactly(5)).speakers.len();
    assert!(short <= 5, "{short}");
}

#[test]
fn what_is_no_speech_has_no_or_few_turns_and_never_fails() {
    let mut all = sounds();
    all.push(("nothing", Vec::new()));
    all.push(("one sample", vec![1.0]));
    all.push((
        "0.3 s of speech",
        recording("jfk.wav")[8_000..12_800].to_vec(),
    ));
    all.push(("no numbers", vec![f32::NAN; 20_000]));
    for (name, samples) in all {
        for limits in [SpeakerLimits::default(), exactly(3)] {
            let found = diarize(&samples, limits);
            let seconds = samples.len() as f64 / 16_000.0;
            let spoken: f64 = found.speakers.iter().map(|speaker| speaker.seconds).sum();
            assert!(spoken <= 3.0 * seconds + 0.1, "{name}: {:?}", found.turns);
            assert!(
                found.turns.iter().all(|turn| turn.end_s <= seconds + 0.1),
                "{name}"
            );
            if name == "silence" || name == "nothing" {
                assert!(found.turns.is_empty(), "{name}: {:?}", found.turns);
            }
        }
    }
}

#[test]
fn limits_that_cannot_be_are_refused() {
    let limits = SpeakerLimits {
        exact: None,
        min: 3,
        max: 2,
    };
    let heard = diarizer().recording(|_, _| ());
    assert!(heard.finish(&limits).is_err());
}

#[test]
fn live_utterances_keep_their_speakers() {
    let samples = recording("sample.wav");
    let mut tracker = SpeakerTracker::new(10);
    let mut place = |from: f64, to: f64| {
        let print = voices().print(&samples[(from * 16e3) as usize..(to * 16e3) as usize]);
        tracker
            .place(&print.expect("it runs").embedding, to - from)
            .0
    };
    let spans = [
        (10.7, 13.7),
        (15.0, 17.8),
        (18.7, 21.4),
        (22.0, 25.0),
        (25.0, 27.5),
    ];
    let placed = spans.map(|(from, to)| place(from, to));
    assert_eq!(placed, [0, 1, 0, 1, 1]);
    assert!(tracker.finish().is_empty());
}

#[test]
fn an_utterance_in_which_two_alternate_is_split_and_others_are_not() {
    let samples = recording("sample.wav");
    let utterance = |from: f64, to: f64| SpeechSegment {
        start_s: from,
        samples: samples[(from * 16e3) as usize..(to * 16e3) as usize].to_vec(),
        regions: vec![(from, to)],
    };
    // The one until 17.9 s, the other from 18.1 s on.
    let found = diarizer().alternation(&utterance(14.6, 21.4));
    let found = found.expect("it runs").expect("two speak");
    assert_eq!(found.excerpts.len(), 2);
    let runs = found.attribute(&[(14.8, 15.6), (15.8, 17.6), (18.7, 19.8), (20.0, 21.2)]);
    let runs: Vec<_> = runs
        .into_iter()
        .map(|run| (run.words, run.speaker))
        .collect();
    assert_eq!(runs, [(0..2, 0), (2..4, 1)]);

    let silence = SpeechSegment::whole(vec![0.0; 48_000]);
    let moment = SpeechSegment::whole(samples[240_000..244_800].to_vec());
    let nothing = SpeechSegment::whole(Vec::new());
    let one = SpeechSegment::whole(recording("jfk.wav"));
    for other in [utterance(22.0, 27.5), one, silence, moment, nothing] {
        let found = diarizer().alternation(&other).expect("it runs");
        assert_eq!(found, None);
    }
}
