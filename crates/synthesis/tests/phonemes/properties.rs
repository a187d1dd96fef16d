//! What holds for any words.

use proptest::prelude::*;
use synthesis::SynthesisError;
use synthesis::phonemes::{MAX_TOKENS, Mandarin, Pronunciations, tokens};
use synthesis::spoken::Token;

use crate::japanese::JAPANESE;
use crate::support::{AMERICAN, BRITISH};

fn token() -> impl Strategy<Value = Token> {
    let text = prop_oneof![
        "[a-zA-Z]{1,12}",
        "[a-z]{1,8}('s|'ll|n't|ing|ed|s)",
        "[A-Za-z]{1,6}-[A-Za-z]{1,6}",
        "[A-Z]{1,7}",
        "[a-zà-öø-ÿ]{1,8}(ing|ed|s|')",
        "[\\w'’-]{1,10}",
        "\\PC{1,6}",
    ];
    (text, any::<bool>()).prop_map(|(text, is_mark)| Token {
        text,
        source: 0..0,
        is_mark,
    })
}

/// Words of scripts without spaces, with gaps or without.
fn wide() -> impl Strategy<Value = Token> {
    let text = prop_oneof![
        "[一-龥]{1,5}",
        "[ぁ-ゖ]{1,6}",
        "[ァ-ヺー]{1,6}",
        "[一-龥][ぁ-ん]{1,3}",
        "[一二三十百千万億年月日本人]{1,5}",
        "[a-zA-Z]{1,8}",
        "\\PC{1,6}",
    ];
    (text, 0..3usize, any::<bool>()).prop_map(|(text, at, is_mark)| Token {
        text,
        source: at..at + 1,
        is_mark,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_words_give_symbols_of_the_voice_and_places_in_order(
        words in prop::collection::vec(token(), 0..8),
    ) {
        let own = Pronunciations::default();
        for said in [AMERICAN.phonemes(&words, &own), BRITISH.phonemes(&words, &own)] {
            prop_assert_eq!(said.words.len(), words.len());
            let mut end = 0;
            for (range, word) in said.words.iter().zip(&words) {
                prop_assert!(range.start >= end && range.start <= end + 1 || range.is_empty());
                prop_assert!(said.text.is_char_boundary(range.start));
                end = range.end;
                let phonemes = &said.text[range.clone()];
                if !word.is_mark && word.text.contains(char::is_alphanumeric) {
                    prop_assert!(phonemes.contains(char::is_alphabetic), "{:?} {:?}", word, said);
                }
            }
            prop_assert!(!said.text.contains("  "));
            for symbol in said.text.chars() {
                prop_assert!(tokens(&symbol.to_string()).is_ok(), "{} in {}", symbol, said.text);
            }
        }
    }

    #[test]
    fn any_words_are_said_in_chinese_and_japanese(
        words in prop::collection::vec(wide(), 0..8),
    ) {
        let own = Pronunciations::default();
        let mandarin = Mandarin::new(None);
        for said in [mandarin.phonemes(&words, &own), JAPANESE.phonemes(&words, &own)] {
            prop_assert_eq!(said.words.len(), words.len());
            let mut end = 0;
            for (range, word) in said.words.iter().zip(&words) {
                prop_assert!(range.start >= end && range.start <= end + 1 || range.is_empty());
                prop_assert!(said.text.is_char_boundary(range.start));
                end = range.end;
                let phonemes = &said.text[range.clone()];
                if !word.is_mark && word.text.contains(char::is_alphanumeric) {
                    prop_assert!(phonemes.contains(char::is_alphabetic), "{:?} {:?}", word, said);
                }
            }
            prop_assert!(!said.text.contains("  "));
            for symbol in said.text.chars() {
                prop_assert!(tokens(&symbol.to_string()).is_ok(), "{} in {}", symbol, said.text);
            }
        }
    }

    #[test]
    fn own_pronunciations_are_refused_or_said(said in "\\PC{0,12}") {
        if let Ok(own) = Pronunciations::new(AMERICAN.accent(), [("xyz", said.as_str())]) {
            let words = [Token { text: "xyz".to_owned(), source: 0..3, is_mark: false }];
            prop_assert!(tokens(&AMERICAN.phonemes(&words, &own).text).is_ok());
        }
    }
}

#[test]
fn a_string_of_phonemes_is_numbered_between_zeros() {
    assert_eq!(tokens("hˈI.").unwrap(), [0, 50, 156, 25, 4, 0]);
    assert_eq!(tokens("").unwrap(), [0, 0]);
    assert!(matches!(tokens("g"), Err(SynthesisError::Symbol('g'))));
    assert_eq!(
        tokens(&"a".repeat(MAX_TOKENS)).unwrap().len(),
        MAX_TOKENS + 2
    );
    assert!(matches!(
        tokens(&"a".repeat(MAX_TOKENS + 1)),
        Err(SynthesisError::TooManyPhonemes {
            count: 511,
            limit: 510
        })
    ));
}

#[test]
fn no_words_give_no_phonemes() {
    let said = AMERICAN.phonemes(&[], &Pronunciations::default());
    assert_eq!(said, synthesis::phonemes::Phonemes::default());
}

#[test]
fn a_very_long_word_is_read_to_its_end() {
    let text = "abracadabra".repeat(50);
    let words = [Token {
        source: 0..text.len(),
        text,
        is_mark: false,
    }];
    let said = AMERICAN.phonemes(&words, &Pronunciations::default());
    assert!(said.text.split(' ').count() >= 20);
}
