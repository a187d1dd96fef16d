//! What is estimated from text, beside KenLM's `lmplz` and by itself.
#![allow(clippy::unwrap_used)] // tests fail by panicking

use std::collections::HashMap;
use std::path::PathBuf;

use language_model::{
    Counter, Estimated, LanguageModel, NGrams, read_arpa, write_arpa, write_trie,
};

const MEMORY: u64 = 1 << 30;

fn data(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name);
    std::fs::read_to_string(path).unwrap()
}

fn estimated(text: &str, order: usize) -> Estimated {
    let mut counter = Counter::new(order, MEMORY).unwrap();
    for line in text.lines() {
        counter.add(line).unwrap();
    }
    counter.estimate().unwrap()
}

/// Every n-gram's text, with probability and backoff.
fn table(ngrams: &NGrams) -> HashMap<String, (f32, f32)> {
    let mut table = HashMap::new();
    for (order, grams) in (1..).zip(&ngrams.orders) {
        for gram in grams {
            let text = ngrams.text(&gram.words[..order]);
            assert!(table.insert(text, (gram.prob, gram.backoff)).is_none());
        }
    }
    table
}

/// A model that can be asked.
fn opened(ngrams: NGrams) -> LanguageModel {
    let mut bytes = Vec::new();
    write_trie(ngrams, &mut bytes).unwrap();
    LanguageModel::from_bytes(bytes).unwrap()
}

#[test]
fn probabilities_and_backoffs_are_those_of_lmplz() {
    let ours = table(&estimated(&data("corpus.txt"), 4).ngrams);
    let theirs = table(&read_arpa(data("lmplz.arpa").as_bytes()).unwrap());
    assert_eq!(ours.len(), theirs.len());
    for (text, (prob, backoff)) in theirs {
        let (p, b) = ours[&text];
        assert!((p - prob).abs() < 1e-4, "{text}: {p}, lmplz {prob}");
        assert!(
            (b - backoff).abs() < 1e-4,
            "{text}: backoff {b}, lmplz {backoff}"
        );
    }
}

#[test]
fn after_any_history_the_probabilities_of_all_words_sum_to_one() {
    for order in 2..=5 {
        let made = estimated(&data("corpus.txt"), order).ngrams;
        let words = made.words.clone();
        let model = opened(made);
        for history in [
            "",
            "i",
            "i would like",
            "zebra",
            "a table for two is",
            "my order",
        ] {
            let state = history
                .split_whitespace()
                .fold(model.begin(), |state, word| model.score(&state, word).state);
            let total: f32 = words
                .iter()
                .filter(|word| *word != "<s>")
                .map(|word| model.score(&state, word).ln_prob.exp())
                .sum();
            assert!(
                (total - 1.0).abs() < 1e-3,
                "order {order} after `{history}`: {total}"
            );
        }
    }
}

#[test]
fn twenty_sentences_of_ones_own_make_their_words_likely() {
    let model = opened(estimated(&"please call doctor zweig at the krone\n".repeat(20), 3).ngrams);
    let state = ["please", "call", "doctor"]
        .iter()
        .fold(model.begin(), |state, word| model.score(&state, word).state);
    let name = model.score(&state, "zweig");
    assert!(name.known);
    assert!(name.ln_prob > (0.8f32).ln(), "{}", name.ln_prob);
    assert!(model.score(&state, "krone").ln_prob < name.ln_prob - 1.0);
}

#[test]
fn one_word_is_enough_and_none_is_not() {
    let model = opened(estimated("yes", 3).ngrams);
    assert!(model.contains("yes"));
    assert!(model.score(&model.begin(), "no").ln_prob.is_finite());
    let mut nothing = Counter::new(3, MEMORY).unwrap();
    nothing.add("  <s> </s> ").unwrap();
    let error = nothing.estimate().unwrap_err().to_string();
    assert!(error.contains("no words"), "{error}");
}

#[test]
fn an_arpa_file_that_is_written_reads_as_the_same_model() {
    let made = estimated(&data("corpus.txt"), 3).ngrams;
    let mut arpa = Vec::new();
    write_arpa(&made, &mut arpa).unwrap();
    assert_eq!(table(&read_arpa(arpa.as_slice()).unwrap()), table(&made));
}

#[test]
fn orders_and_memory_have_limits_that_are_told() {
    for order in [0, 1, 7] {
        let error = Counter::new(order, MEMORY).unwrap_err().to_string();
        assert!(error.contains("2 to 6"), "{error}");
    }
    let mut counter = Counter::new(2, 400_000).unwrap();
    let error = (0..4_000_000u32)
        .find_map(|i| counter.add(&format!("w{} w{}", i % 2000, i % 1999)).err())
        .unwrap()
        .to_string();
    assert!(error.contains("--memory"), "{error}");
}
