//! The searches on posteriors made by hand.

use super::*;
use crate::LmWeights;
use crate::ctc::settings::Settings;
use crate::decode::hotwords::Hotwords;
use language_model::LanguageModel;
use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

fn tokens(names: &[&str]) -> Tokens {
    let names = names.iter().map(|it| (*it).to_owned()).collect();
    Tokens::build(names, &Settings::default()).expect("a vocabulary")
}

/// One letter a frame, each with its rivals; what is left goes to the blank.
fn posteriors(tokens: &Tokens, names: &[&str], frames: &[&[(&str, f32)]]) -> Posteriors {
    let mut values = Vec::new();
    for frame in frames {
        let mut row = vec![1e-6; tokens.len()];
        let left = 1.0 - frame.iter().map(|it| it.1).sum::<f32>();
        row[tokens.blank() as usize] = left.max(1e-6);
        for (name, p) in *frame {
            let at = names.iter().position(|it| it == name).expect("a token");
            row[at] = *p;
        }
        values.extend(row);
    }
    Posteriors::of_probabilities(values, tokens.len())
}

const ABC: [&str; 5] = ["<blank>", " ", "a", "b", "c"];

fn text(names: &[&str], spoken: &Spoken) -> String {
    spoken.tokens.iter().map(|&id| names[id as usize]).collect()
}

#[test]
fn a_repeat_without_blank_is_one_letter() {
    let set = tokens(&ABC);
    let once = posteriors(&set, &ABC, &[&[("a", 0.9)], &[("a", 0.9)]]);
    let twice = posteriors(&set, &ABC, &[&[("a", 0.9)], &[], &[("a", 0.9)]]);
    assert_eq!(text(&ABC, &greedy(&once, 0)), "a");
    assert_eq!(text(&ABC, &greedy(&twice, 0)), "aa");
    assert_eq!(text(&ABC, &beam(&once, &set, None, 8)[0]), "a");
    assert_eq!(text(&ABC, &beam(&twice, &set, None, 8)[0]), "aa");
}

#[test]
fn many_unlikely_alignments_beat_one_likely() {
    // Graves' example: the likeliest path is all blanks, the likeliest text is "a".
    let set = tokens(&ABC);
    let heard = posteriors(&set, &ABC, &[&[("a", 0.4)], &[("a", 0.4)]]);
    assert_eq!(text(&ABC, &greedy(&heard, 0)), "");
    let found = beam(&heard, &set, None, 8);
    assert_eq!(text(&ABC, &found[0]), "a");
    assert!(
        (found[0].score.exp() - 0.64).abs() < 0.01,
        "0.4 * 0.4 + 2 * 0.4 * 0.6"
    );
}

#[test]
fn a_hotword_outweighs_a_likelier_spelling() {
    let set = tokens(&ABC);
    let heard = posteriors(
        &set,
        &ABC,
        &[&[("a", 0.9)], &[("b", 0.55), ("c", 0.4)], &[("a", 0.9)]],
    );
    let words = Hotwords::new(&["aca".to_owned()]).expect("one word");
    let fusion = Fusion {
        hotwords: Some(Arc::new(words)),
        ..Fusion::default()
    };
    assert_eq!(text(&ABC, &beam(&heard, &set, None, 8)[0]), "aba");
    assert_eq!(text(&ABC, &beam(&heard, &set, Some(&fusion), 8)[0]), "aca");
}

/// "c ab" is likelier than "c aa".
const ARPA: &str = r"
\data\
ngram 1=6
ngram 2=1

\1-grams:
-1.0 </s>
-99 <s> 0
-3.0 <unk>
-0.5 c 0
-0.7 ab 0
-1.5 aa 0

\2-grams:
-0.5 <s> c

\end\
";

fn with_model(alpha: f32, beta: f32) -> Fusion {
    let model = LanguageModel::from_bytes(ARPA.into()).expect("a small model");
    Fusion {
        language_model: Some(Arc::new(model)),
        weights: LmWeights {
            alpha,
            beta,
            strict: 2.0,
        },
        ..Fusion::default()
    }
}

/// "c a" and then "b", or a second "a", as likely.
fn undecided(set: &Tokens) -> Posteriors {
    let frames: [&[(&str, f32)]; 5] = [
        &[("c", 0.98)],
        &[(" ", 0.98)],
        &[("a", 0.98)],
        &[],
        &[("a", 0.49), ("b", 0.49)],
    ];
    posteriors(set, &ABC, &frames)
}

#[test]
fn the_language_model_breaks_a_tie() {
    let set = tokens(&ABC);
    let found = beam(&undecided(&set), &set, Some(&with_model(0.5, 0.0)), 8);
    assert_eq!(text(&ABC, &found[0]), "c ab");
    assert_eq!(text(&ABC, &found[1]), "c aa");
}

#[test]
fn an_action_token_parts_words_for_the_language_model() {
    let names = ["<blank>", "a", "b", "c", "AGE_1", "ENTITY_X", "END"];
    let set = tokens(&names);
    let frames: [&[(&str, f32)]; 5] = [
        &[("c", 0.98)],
        &[("ENTITY_X", 0.98)],
        &[("a", 0.98)],
        &[],
        &[("a", 0.5), ("b", 0.48)],
    ];
    let heard = posteriors(&set, &names, &frames);
    let found = beam(&heard, &set, Some(&with_model(0.5, 0.0)), 8);
    assert_eq!(text(&names, &found[0]), "cENTITY_Xab");
}

#[test]
fn a_beam_of_a_hundred_gives_as_many_different_texts_in_order() {
    let set = tokens(&ABC);
    let frame: &[(&str, f32)] = &[("a", 0.2), ("b", 0.2), ("c", 0.2), (" ", 0.15)];
    let heard = posteriors(&set, &ABC, &[frame; 12]);
    let found = beam(&heard, &set, Some(&with_model(0.3, 0.5)), 100);
    assert_eq!(found.len(), 100);
    assert!(found.is_sorted_by(|a, b| a.score >= b.score));
    let mut all: Vec<_> = found.iter().map(|it| it.tokens.clone()).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 100);
}

#[test]
fn no_frames_are_no_words() {
    let set = tokens(&ABC);
    let heard = posteriors(&set, &ABC, &[]);
    assert!(greedy(&heard, 0).tokens.is_empty());
    assert!(beam(&heard, &set, None, 4)[0].tokens.is_empty());
}

/// P of every text, by adding up all alignments.
fn exhaustive(heard: &Posteriors, outputs: usize) -> HashMap<Vec<u32>, f64> {
    let mut all: HashMap<Vec<u32>, f64> = HashMap::new();
    for code in 0..outputs.pow(heard.frames() as u32) {
        let (mut rest, mut p, mut before, mut spoken) = (code, 1.0, 0, Vec::new());
        for frame in heard.iter() {
            let token = rest % outputs;
            rest /= outputs;
            p *= f64::from(frame[token]).exp();
            if token != 0 && token != before {
                spoken.push(token as u32);
            }
            before = token;
        }
        *all.entry(spoken).or_default() += p;
    }
    all
}

proptest! {
    #[test]
    fn a_wide_beam_finds_the_likeliest_text(
        rows in proptest::collection::vec(proptest::array::uniform3(0.02f32..1.0), 1..6),
    ) {
        let names = ["<blank>", "a", "b"];
        let set = tokens(&names);
        let heard = Posteriors::of_scores(
            rows.concat().iter().map(|p| p.ln()).collect(), 3);
        let all = exhaustive(&heard, 3);
        let most = all.values().copied().fold(0.0, f64::max);
        let found = beam(&heard, &set, None, 100);
        prop_assert!((all[&found[0].tokens] - most).abs() < 1e-4);
        prop_assert!((f64::from(found[0].score).exp() - most).abs() < 1e-3);
    }
}
