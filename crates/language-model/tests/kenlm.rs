//! KenLM's own files, and KenLM's own scores for them (`data/README.md` says how both were made).
#![allow(clippy::unwrap_used)] // tests fail by panicking

use std::f32::consts::LN_10;
use std::path::PathBuf;

use language_model::LanguageModel;

/// KenLM prints six decimals; its floats and ours may be summed in another order.
const NEAR: f32 = 1e-4;

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

/// log10 of every word and of the end.
fn log10(model: &LanguageModel, sentence: &str) -> Vec<f32> {
    let mut state = model.begin();
    let mut scores = Vec::new();
    for word in sentence.split_whitespace() {
        let scored = model.score(&state, word);
        assert_eq!(scored.known, model.contains(word), "{word}");
        scores.push(scored.ln_prob / LN_10);
        state = scored.state;
    }
    scores.push(model.end(&state) / LN_10);
    scores
}

/// Compares a model with the lines of `scores.tsv` that are about KenLM's `reference`.
fn agrees(model: &LanguageModel, reference: &str) {
    let table = std::fs::read_to_string(data("scores.tsv")).unwrap();
    let mut lines = 0;
    for line in table.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        if fields[0] != reference {
            continue;
        }
        lines += 1;
        let wanted: Vec<f32> = fields[2].split(' ').map(|f| f.parse().unwrap()).collect();
        let found = log10(model, fields[1]);
        assert_eq!(found.len(), wanted.len(), "{line}");
        for (found, wanted) in found.iter().zip(&wanted) {
            assert!((found - wanted).abs() < NEAR, "{line}: {found} {wanted}");
        }
    }
    assert!(lines > 10, "{reference} has scores");
}

#[test]
fn every_kind_of_binary_scores_as_in_kenlm() {
    for kind in [
        "plain-trie",
        "array-trie",
        "quantised-trie",
        "quantised-array-trie",
        "probing",
        "rest-probing",
    ] {
        let model = LanguageModel::open(&data(&format!("{kind}.klm"))).unwrap();
        assert_eq!(model.order(), 4, "{kind}");
        assert_eq!(model.vocabulary_size(), 43, "{kind}");
        agrees(&model, kind);
    }
}

#[test]
fn an_arpa_file_scores_as_in_kenlm_pruned_suffixes_included() {
    let model = LanguageModel::open(&data("pruned.arpa")).unwrap();
    assert_eq!(model.vocabulary_size(), 43);
    agrees(&model, "plain-trie");
}

#[test]
fn states_are_equal_where_no_difference_can_follow() {
    let model = LanguageModel::open(&data("plain-trie.klm")).unwrap();
    let after = |words: &str| {
        words
            .split(' ')
            .fold(model.begin(), |s, word| model.score(&s, word).state)
    };
    assert_eq!(after("zebra"), after("help zebra"));
    assert_ne!(after("table for"), after("you for"));
}

#[test]
fn what_is_written_is_byte_for_byte_what_kenlm_writes() {
    let arpa = std::fs::read(data("lmplz.arpa")).unwrap();
    let mut written = Vec::new();
    let ngrams = language_model::read_arpa(arpa.as_slice()).unwrap();
    language_model::write_trie(ngrams, &mut written).unwrap();
    let kenlm = std::fs::read(data("unpruned-trie.klm")).unwrap();
    assert!(written == kenlm);
}
