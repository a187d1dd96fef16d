//! French and Hindi in phonemes: what is known by heart, and what holds for any words.

use std::sync::LazyLock;

use proptest::prelude::*;
use synthesis::SynthesisError;
use synthesis::phonemes::{French, Hindi, Phonemes, Pronunciations, tokens};
use synthesis::spoken::{Token, spoken};

use crate::support::ENGLISH_FOR_HINDI;

static FRENCH: LazyLock<French> = LazyLock::new(French::new);
static HINDI: LazyLock<Hindi> = LazyLock::new(|| Hindi::new(None));

fn french(text: &str) -> String {
    FRENCH
        .phonemes(&spoken(text, "fr"), &Pronunciations::default())
        .text
}

fn hindi(text: &str) -> String {
    HINDI
        .phonemes(&spoken(text, "hi"), &Pronunciations::default())
        .text
}

/// Edits that turn one string into the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (at, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (column, b) in to.iter().enumerate() {
            let here = (diagonal + usize::from(a != *b))
                .min(row[column] + 1)
                .min(row[column + 1] + 1);
            diagonal = std::mem::replace(&mut row[column + 1], here);
        }
    }
    row[to.len()]
}

/// Share of the phonemes of a table, stress included, that come out otherwise.
fn errors(table: &str, say: fn(&str) -> String) -> f64 {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    let (mut edits, mut symbols) = (0, 0);
    for row in rows {
        let (text, wanted) = row.split_once('\t').unwrap();
        let heard = say(text);
        if heard != wanted {
            println!("{text}\n  wanted {wanted}\n  said   {heard}");
        }
        edits += distance(&heard, wanted);
        symbols += wanted.chars().count();
    }
    let share = edits as f64 / symbols as f64;
    println!("{:.2} % of {symbols} phonemes differ", 100.0 * share);
    share
}

#[test]
fn french_sentences_are_said_as_the_table_has_them() {
    assert!(errors(include_str!("fr.tsv"), french) < 0.02);
}

#[test]
fn hindi_sentences_are_said_as_the_table_has_them() {
    assert!(errors(include_str!("hi.tsv"), hindi) < 0.02);
}

#[test]
fn english_words_in_hindi_are_said_in_english() {
    let words = spoken("यह computer है", "hi");
    let said = ENGLISH_FOR_HINDI.phonemes(&words, &Pronunciations::default());
    assert_eq!(&said.text[said.words[1].clone()], "kəmpjˈuːtə");
}

#[test]
fn pronunciations_are_ipa_or_a_spelling_of_the_language() {
    let say = |own: Result<Pronunciations, SynthesisError>| {
        let words = spoken("xyz", "fr");
        FRENCH.phonemes(&words, &own.unwrap()).text
    };
    assert_eq!(say(FRENCH.pronunciations([("xyz", "/ʒɑ̃/")])), "ʒɑ̃");
    assert_eq!(say(FRENCH.pronunciations([("XYZ", "bateau")])), "batˈo");
    assert_eq!(say(HINDI.pronunciations([("xyz", "नमन")])), "nˈʌmən");
    for said in ["", "/ˈ/", "/漢/", "!"] {
        assert!(FRENCH.pronunciations([("xyz", said)]).is_err(), "{said}");
        assert!(HINDI.pronunciations([("xyz", said)]).is_err(), "{said}");
    }
}

fn token() -> impl Strategy<Value = Token> {
    let text = prop_oneof![
        "[a-zà-öø-ÿœ]{1,12}",
        "(l|d|qu|jusqu)'[a-zà-ö]{1,8}",
        "[A-Z]{1,4}",
        "[\u{900}-\u{97f}]{1,8}",
        "[क-ह][ा-ौ्ंँ़]{0,3}[क-ह]",
        "[\\w'’-]{1,10}",
        "\\PC{1,6}",
    ];
    (text, any::<bool>(), 0..9usize).prop_map(|(text, is_mark, at)| Token {
        text,
        source: at..at + 1,
        is_mark,
    })
}

fn check(words: &[Token], said: &Phonemes) {
    assert_eq!(said.words.len(), words.len());
    let mut end = 0;
    for (range, word) in said.words.iter().zip(words) {
        assert!(range.start >= end && range.start <= end + 1 || range.is_empty());
        let phonemes = &said.text[range.clone()];
        end = range.end;
        if !word.is_mark && word.text.contains(char::is_alphanumeric) {
            assert!(phonemes.contains(char::is_alphabetic), "{word:?} {said:?}");
        }
    }
    assert!(!said.text.contains("  "), "{said:?}");
    for symbol in said.text.chars() {
        assert!(tokens(&symbol.to_string()).is_ok(), "{symbol} in {said:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_words_give_symbols_of_the_voice_and_places_in_order(
        words in prop::collection::vec(token(), 0..8),
    ) {
        check(&words, &FRENCH.phonemes(&words, &Pronunciations::default()));
        check(&words, &HINDI.phonemes(&words, &Pronunciations::default()));
    }

    #[test]
    fn own_pronunciations_are_refused_or_said(said in "\\PC{0,12}") {
        let words = [Token { text: "xyz".to_owned(), source: 0..3, is_mark: false }];
        for own in [FRENCH.pronunciations([("xyz", said.as_str())]),
            HINDI.pronunciations([("xyz", said.as_str())])].into_iter().flatten() {
            prop_assert!(tokens(&FRENCH.phonemes(&words, &own).text).is_ok());
        }
    }
}

#[test]
fn long_words_are_read_to_their_ends() {
    for text in ["anticonstitutionnellement".repeat(400), "क".repeat(9000)] {
        let words = [Token {
            source: 0..text.len(),
            text,
            is_mark: false,
        }];
        check(&words, &FRENCH.phonemes(&words, &Pronunciations::default()));
        check(&words, &HINDI.phonemes(&words, &Pronunciations::default()));
    }
}
