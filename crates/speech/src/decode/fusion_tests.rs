//! What words and hotwords are worth, with a language model of a few words.

use super::*;

const ARPA: &str = "\\data\\
ngram 1=7
ngram 2=3

\\1-grams:
-4.0\t<unk>
-99\t<s>\t0.0
-1.0\t</s>
-1.0\tthe\t-0.5
-2.0\tcat\t0.0
-3.0\tdon't\t0.0
-1.5\ttwenty\t0.0

\\2-grams:
-0.1\tthe cat
-0.2\t<s> the
-0.3\t<s> cat

\\end\\
";

fn fusion(mode: LmMode, hotwords: &[&str]) -> Fusion {
    let words: Vec<String> = hotwords.iter().map(|&it| it.to_owned()).collect();
    let model = LanguageModel::from_bytes(ARPA.into()).expect("a small model");
    Fusion {
        language_model: Some(Arc::new(model)),
        mode,
        hotwords: Some(Arc::new(Hotwords::new(&words).expect("good words"))),
        ..Fusion::default()
    }
}

/// What a text is worth, fed token by token.
fn gain(fusion: &Fusion, tokens: &[&str]) -> f32 {
    let mut fused = fusion.begin();
    let fed: f32 = tokens
        .iter()
        .map(|token| fusion.feed(&mut fused, token.as_bytes()))
        .sum();
    fed + fusion.finish(&fused)
}

/// As the formula has it, for words of these log10 probabilities.
fn expected(fusion: &Fusion, log10: &[f32]) -> f32 {
    let weights = fusion.weights;
    let word = |p: &f32| weights.alpha * p * std::f32::consts::LN_10 + weights.beta;
    fusion.strength() * log10.iter().map(word).sum::<f32>()
}

fn close(a: f32, b: f32) -> bool {
    (a - b).abs() < 1e-3
}

#[test]
fn words_are_judged_whole_whatever_their_tokens_casing_and_punctuation() {
    let fusion = fusion(LmMode::Balanced, &[]);
    let wanted = expected(&fusion, &[-0.2, -0.1]);
    for tokens in [
        &[" the", " cat"][..],
        &[" T", "he", " c", "at", ","],
        &["The cat."],
    ] {
        assert!(close(gain(&fusion, tokens), wanted), "{tokens:?}");
    }
    let apostrophe = gain(&fusion, &[" Don", "’", "t"]);
    assert!(
        close(apostrophe, expected(&fusion, &[-3.0])),
        "{apostrophe}"
    );
}

#[test]
fn a_sentence_begins_after_a_full_stop_and_not_after_mr() {
    let fusion = fusion(LmMode::Balanced, &[]);
    let one = gain(&fusion, &[" the"]);
    assert!(close(gain(&fusion, &[" the.", " the."]), 2.0 * one));
    let unknown = expected(&fusion, &[-4.0]);
    assert!(close(
        gain(&fusion, &[" Mr.", " cat"]),
        unknown + expected(&fusion, &[-2.0])
    ));
}

#[test]
fn numbers_are_worth_the_same_in_digits_and_in_words() {
    let fusion = fusion(LmMode::Strict, &[]);
    for number in ["20", "20%", "twenty", "1,000.5"] {
        assert_eq!(gain(&fusion, &[number]), 0.0, "{number}");
    }
}

#[test]
fn strict_counts_for_more_and_greedy_for_nothing() {
    let of = |mode| gain(&fusion(mode, &[]), &[" cat cat"]);
    let strict = fusion(LmMode::Strict, &[]).weights.strict;
    assert!(close(of(LmMode::Strict), strict * of(LmMode::Balanced)));
    assert_eq!(of(LmMode::Greedy), 0.0);
    assert!(!fusion(LmMode::Greedy, &[]).uses_language_model());
}

#[test]
fn a_hotword_is_no_unknown_word() {
    let fusion = fusion(LmMode::Balanced, &["GoBoult"]);
    let without = expected(&fusion, &[-0.2]);
    let (known, unknown) = (
        gain(&fusion, &[" the", " Gob", "oult", "."]),
        gain(&fusion, &[" the goboll"]),
    );
    assert!(
        close(known, without + 7.0 * 10.0 * NATS_PER_LETTER),
        "{known}"
    );
    assert!(unknown < without, "{unknown}");
}

#[test]
fn numbers_that_are_none_are_refused() {
    for (alpha, beta, hotword_weight) in [
        (f32::NAN, 0.5, 10.0),
        (0.1, f32::INFINITY, 10.0),
        (0.1, 0.5, -1.0),
    ] {
        let strict = 3.0;
        let wild = Fusion {
            weights: LmWeights {
                alpha,
                beta,
                strict,
            },
            hotword_weight,
            ..Fusion::default()
        };
        assert!(wild.check().is_err());
    }
}
