//! What holds for inverse normalisation of any text.

#![allow(clippy::unwrap_used, reason = "a step that fails is a test that fails")]

use proptest::prelude::*;
use text::itn::{apply, edits, itn};

/// A language, its table, and the words its own rules read that are not in it.
const LANGUAGES: [(&str, &str, &str); 4] = [
    (
        "en",
        include_str!("../data/itn/en.tsv"),
        "a m p am pm o'clock oclock past after to before of till minute minutes min",
    ),
    (
        "es",
        include_str!("../data/itn/es.tsv"),
        "la las a p pe eme m y con menos media cuarto para un primero primer",
    ),
    (
        "fr",
        include_str!("../data/itn/fr.tsv"),
        "midi minuit heure heures et demie demi quart trois quarts moins le premier",
    ),
    (
        "de",
        include_str!("../data/itn/de.tsv"),
        "uhr minute minuten sekunde sekunden halb viertel vor nach",
    ),
];
const NOISE: &[&str] = &[
    "the", "dog", "May", "$5", "12", "3:30", "no", "I", "is", "x-y", "50%", "second", "Uhr", "de",
];

/// Every word of a language's phrases.
fn vocabulary(table: &'static str, more: &'static str) -> Vec<&'static str> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let phrases = lines.filter_map(|line| line.split('\t').nth(1));
    let mut words: Vec<_> = phrases.flat_map(|phrase| phrase.split(' ')).collect();
    words.extend(more.split(' '));
    words
}

/// Sentences of number words, other words and marks.
fn sentence(words: Vec<&'static str>) -> impl Strategy<Value = String> {
    let word = prop_oneof![8 => prop::sample::select(words), 2 => prop::sample::select(NOISE)];
    let mark = prop_oneof![12 => Just(" "), 2 => Just("-"), 1 => Just(", "), 1 => Just(". ")];
    prop::collection::vec((word, mark), 0..14).prop_map(|parts| {
        parts
            .into_iter()
            .flat_map(|(word, mark)| [word, mark])
            .collect()
    })
}

fn any_sentence() -> impl Strategy<Value = (usize, String)> {
    (0..LANGUAGES.len()).prop_flat_map(|i| {
        let (_, table, more) = LANGUAGES[i];
        sentence(vocabulary(table, more)).prop_map(move |text| (i, text))
    })
}

fn sound(text: &str, language: &str) {
    let mut done = 0;
    for edit in edits(text, language) {
        assert!(
            done <= edit.span.start && edit.span.start < edit.span.end,
            "{edit:?}"
        );
        assert!(
            text.get(edit.span.clone()).is_some(),
            "{edit:?} in {text:?}"
        );
        assert!(!edit.text.trim().is_empty(), "{edit:?} in {text:?}");
        done = edit.span.end;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_is_written_already_stays((i, text) in any_sentence()) {
        let language = LANGUAGES[i].0;
        let once = itn(&text, language);
        prop_assert_eq!(itn(&once, language), once, "{} from {}", language, text);
    }

    #[test]
    fn only_words_of_numbers_are_replaced((i, text) in any_sentence()) {
        let (language, table, more) = LANGUAGES[i];
        let words = vocabulary(table, more);
        sound(&text, language);
        for edit in edits(&text, language) {
            let source = text[edit.span.clone()].to_lowercase();
            for word in source.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty()) {
                // German compounds are made of words of the table.
                let made = language == "de" && words.iter().any(|w| word.starts_with(w));
                prop_assert!(made || words.contains(&word), "{} of {:?} in {:?}", word, edit, text);
            }
            prop_assert!(edit.text.chars().any(|c| c.is_ascii_digit()), "{:?} in {:?}", edit, text);
        }
    }

    #[test]
    fn any_text_is_survived(text in "\\PC{0,80}") {
        for (language, ..) in LANGUAGES {
            sound(&text, language);
        }
    }

    #[test]
    fn text_without_number_words_is_unchanged(words in prop::collection::vec("[b-gj-nq-z]{4,9}[,.!?]?", 0..12)) {
        for (language, table, more) in LANGUAGES {
            let known = vocabulary(table, more);
            let number = |word: &String| known.iter().any(|k| word.trim_end_matches(|c: char| c.is_ascii_punctuation()) == *k);
            let text = words.iter().filter(|word| !number(word)).cloned().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(itn(&text, language), text);
        }
    }
}

#[test]
fn edits_are_made_where_they_say() {
    let text = "Twenty-three dollars, please.";
    let edits = edits(text, "en");
    assert_eq!(edits.len(), 1);
    assert_eq!(&text[edits[0].span.clone()], "Twenty-three dollars");
    assert_eq!(apply(text, &edits), "$23, please.");
}

#[test]
fn a_language_without_rules_is_left_alone() {
    assert_eq!(itn("twenty three", "xx"), "twenty three");
}

#[test]
fn long_texts_take_time_in_proportion() {
    for (language, table, more) in LANGUAGES {
        let words = vocabulary(table, more).join(" ");
        for word in ["one ", "hundred ", "zwei", "und", "vingt ", &words] {
            itn(&word.repeat(60_000 / word.len().max(1)), language);
        }
    }
}
