//! What the measures say of speech made for the purpose.

use super::*;
use crate::TimedWord;
use proptest::prelude::*;

/// Words of 0.3 s each; `|` is a pause of a second.
fn said(label: Option<&str>, text: &str, start: f64) -> Utterance {
    let mut at = start;
    let mut words = Vec::new();
    for token in text.split_whitespace() {
        if token == "|" {
            at += 1.0;
            continue;
        }
        words.push(TimedWord {
            word: token.to_owned(),
            start: at,
            end: at + 0.3,
        });
        at += 0.3;
    }
    let text = text.replace("| ", "");
    Utterance {
        text,
        start,
        end: at,
        words,
        label: label.map(str::to_owned),
    }
}

fn close(a: Option<f64>, b: f64) {
    assert!(a.is_some_and(|a| (a - b).abs() < 1e-9), "{a:?} is not {b}");
}

const TWENTY: &str = "we went to the river and sat down under a tree where my old aunt had once told us long stories";

#[test]
fn silence_has_no_measures() {
    let analysis = analyse(&[], "en");
    assert_eq!(analysis.speech.lexical_fluency, None);
    assert_eq!(analysis.speech.grammar_score, None);
    assert_eq!(analysis.speech.vocabulary_range, None);
    assert_eq!(analysis.speech.pace.words_per_minute, None);
    assert_eq!(analysis.speech.pauses.mean_s, None);
    assert!(analysis.speakers.is_empty());
}

#[test]
fn a_short_answer_is_not_scored() {
    let speech = analyse(&[said(None, "Yes, I do.", 0.0)], "en").speech;
    assert_eq!(speech.lexical_fluency, None);
    assert_eq!(speech.grammar_score, None);
    assert_eq!(speech.pace.articulation_rate, None);
    assert_eq!(speech.words, Some(3));
}

#[test]
fn pace_counts_pauses_and_articulation_does_not() {
    let half = TWENTY.split_at(TWENTY.find("under").unwrap());
    let text = format!("{}| {}", half.0, half.1);
    let speech = analyse(&[said(None, &text, 5.0)], "en").speech;
    // 21 words of 0.3 s, and a second.
    close(Some(speech.pace.speaking_s), 7.3);
    close(speech.pace.words_per_minute, 21.0 * 60.0 / 7.3);
    close(speech.pace.articulation_rate, 24.0 / 6.3);
    assert_eq!(speech.pauses.count, 1);
    close(speech.pauses.longest_s, 1.0);
    close(speech.pauses.per_minute, 60.0 / 7.3);
}

#[test]
fn pauses_within_a_clause_hesitate_and_others_do_not() {
    let at_comma = TWENTY.replace("down under", "down, | under");
    let within = TWENTY.replace("a tree", "a | tree");
    close(
        analyse(&[said(None, &at_comma, 0.0)], "en")
            .speech
            .lexical_fluency,
        1.0,
    );
    close(
        analyse(&[said(None, &within, 0.0)], "en")
            .speech
            .lexical_fluency,
        21.0 / 22.0,
    );
}

#[test]
fn fillers_and_repeats_lower_the_fluency() {
    let text =
        format!("Um, {TWENTY}, you know, and and then I mean, uh, tomor- tomorrow we like cake.");
    let speech = analyse(&[said(None, &text, 0.0)], "en").speech;
    let fillers = speech.fillers.unwrap();
    assert_eq!(fillers.words["um"], 1);
    assert_eq!(fillers.words["you know"], 1);
    assert_eq!(fillers.words.get("like"), None);
    assert_eq!(fillers.count, 3);
    let repairs = speech.repairs.unwrap();
    assert_eq!((repairs.repetitions, repairs.false_starts), (1, 1));
    assert!(speech.lexical_fluency.unwrap() < 0.9);
}

#[test]
fn emphasis_is_no_repetition() {
    let speech = analyse(
        &[said(
            None,
            "No, no, it is very very good. Good. Two two five one one.",
            0.0,
        )],
        "en",
    );
    assert_eq!(speech.speech.repairs.unwrap().repetitions, 0);
    let speech = analyse(&[said(None, "I want I want to to go.", 0.0)], "en");
    assert_eq!(speech.speech.repairs.unwrap().repetitions, 2);
}

#[test]
fn speakers_are_measured_apart() {
    let calls = [
        said(
            Some("A"),
            "Good morning and welcome to the service line.",
            0.0,
        ),
        said(Some("B"), "Well, I would like to ask.", 5.0),
        // A ends at 9.3; B breaks in at 8.5 and goes on.
        said(Some("A"), "Of course you can but first I need.", 7.0),
        said(Some("B"), "No wait, let me finish what I say.", 8.5),
        // Listening is no interruption.
        said(Some("A"), "Mm-hm.", 9.0),
    ];
    let analysis = analyse(&calls, "en");
    assert_eq!(analysis.speakers["B"].interruptions, 1);
    assert_eq!(analysis.speakers["A"].interruptions, 0);
    let shares: f64 = analysis
        .speakers
        .values()
        .filter_map(|s| s.talk_ratio)
        .sum();
    assert!((shares - 1.0).abs() < 1e-9);
    // The silences between turns of different speakers are nobody's pauses.
    assert_eq!(analysis.speech.pauses.count, 0);
}

#[test]
fn one_speakers_silence_between_segments_is_a_pause() {
    let parts = [
        said(None, "One moment please.", 0.0),
        said(None, "Here it is.", 3.0),
    ];
    let speech = analyse(&parts, "en").speech;
    assert_eq!(speech.pauses.count, 1);
    let waited = [
        said(None, "One moment please.", 0.0),
        said(None, "Here it is.", 30.0),
    ];
    assert_eq!(analyse(&waited, "en").speech.pauses.count, 0);
}

#[test]
fn other_languages_have_what_needs_no_rules() {
    let hindi = analyse(
        &[said(
            None,
            "मुझे कल सुबह अपने घर जाना है और फिर काम पर लौटना है",
            0.0,
        )],
        "hi",
    )
    .speech;
    assert!(hindi.words.is_some() && hindi.pace.words_per_minute.is_some());
    assert_eq!(hindi.pace.articulation_rate, None);
    assert_eq!(hindi.grammar_score, None);
    assert_eq!(hindi.fillers, None);
    assert_eq!(hindi.lexical_fluency, None);
    let chinese = analyse(&[said(None, "今天天气很好 | 我们去公园走走吧", 0.0)], "zh").speech;
    assert_eq!(chinese.words, None);
    assert_eq!(chinese.pace.words_per_minute, None);
    assert_eq!(chinese.pauses.count, 1);
}

#[test]
fn words_without_times_have_no_articulation() {
    let mut utterance = said(None, TWENTY, 0.0);
    utterance.words.clear();
    let speech = analyse(&[utterance], "en").speech;
    assert_eq!(speech.pace.articulation_rate, None);
    assert_eq!(speech.lexical_fluency, None);
    assert!(speech.pace.words_per_minute.is_some());
}

#[test]
fn vocabulary_is_the_mean_of_moving_windows() {
    let same = vec!["again".to_owned(); 60];
    close(
        vocabulary::moving_average_type_token_ratio(&same),
        1.0 / 50.0,
    );
    let different: Vec<String> = (0..60).map(|i| format!("w{i}")).collect();
    close(vocabulary::moving_average_type_token_ratio(&different), 1.0);
    assert_eq!(
        vocabulary::moving_average_type_token_ratio(&different[..49]),
        None
    );
    // Windows of a, b, …: brute force.
    let mixed: Vec<String> = (0..130).map(|i| format!("w{}", i * i % 37)).collect();
    let windows: Vec<f64> = mixed
        .windows(50)
        .map(|w| w.iter().collect::<std::collections::HashSet<_>>().len() as f64 / 50.0)
        .collect();
    close(
        vocabulary::moving_average_type_token_ratio(&mixed),
        windows.iter().sum::<f64>() / windows.len() as f64,
    );
}

#[test]
fn errors_of_grammar_are_found_and_good_grammar_has_none() {
    for text in [
        "She don't like it.",
        "I have went there.",
        "He didn't came home.",
        "There is many reasons.",
        "I am agree with you.",
        "I bought a apple.",
        "My sister have two child.",
        "It is more better.",
        "I very like music.",
        "We was at home.",
        "I live here since two years.",
        "He go to school every day.",
        "I can to swim.",
    ] {
        assert!(!grammar_errors(text).is_empty(), "{text}");
    }
    for text in [
        "Does she like it? Let it go. I saw him go.",
        "An hour ago a university student had an honest answer.",
        "If it suits you, two year old children are here.",
        "He has gone, and she had been there. They were two of us.",
        "Did he come? Make it work. Can he do it?",
        "The free will takes time. Two people are here.",
    ] {
        assert_eq!(grammar_errors(text), [], "{text}");
    }
}

/// `docs/speech-analysis.md` has the figures that this prints (`-- --nocapture`).
#[test]
fn learners_sentences_are_told_from_mended_ones() {
    let rows = include_str!("learners.tsv")
        .lines()
        .filter(|l| !l.starts_with('#'));
    let (mut found, mut false_alarms, mut all) = (0, 0, 0);
    for (wrong, mended) in rows.filter_map(|row| row.split_once('\t')) {
        all += 1;
        found += usize::from(!grammar_errors(wrong).is_empty());
        false_alarms += usize::from(!grammar_errors(mended).is_empty());
    }
    println!("{found} of {all} errors found, {false_alarms} false alarms");
    assert!(found * 2 >= all, "{found} of {all}");
    assert!(false_alarms * 20 <= all, "{false_alarms} of {all}");
}

#[test]
fn long_texts_take_little_time() {
    let text = format!("{TWENTY}, um, ").repeat(4000);
    let started = std::time::Instant::now();
    let analysis = analyse(&[said(None, &text, 0.0)], "en");
    assert!(analysis.speech.words > Some(80_000));
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn any_text_and_any_times_give_measures_in_range(
        turns in prop::collection::vec(
            ("\\PC{0,60}", -10.0..1e6_f64, -1.0..100.0_f64, 0..3_usize, any::<bool>()), 0..8),
        language in "(en|es|de|fr|hi|zh|xx)",
    ) {
        let utterances: Vec<Utterance> = turns.into_iter().map(|(text, start, length, who, timed)| {
            let label = (who > 0).then(|| who.to_string());
            let mut utterance = said(label.as_deref(), &text, start);
            if !timed {
                utterance.words.clear();
                utterance.end = start + length;
            }
            utterance
        }).collect();
        let analysis = analyse(&utterances, &language);
        let all = analysis.speakers.values().map(|s| &s.speech).chain([&analysis.speech]);
        for speech in all {
            for score in [speech.lexical_fluency, speech.vocabulary_range, speech.grammar_score].into_iter().flatten() {
                prop_assert!((0.0..=1.0).contains(&score), "{score}");
            }
            prop_assert!(speech.pace.speaking_s >= 0.0);
            prop_assert!(speech.pauses.total_s <= speech.pace.speaking_s + 1e-6);
        }
    }
}
