//! How numbers come out, by language.

use super::*;
use crate::frame::{Phrase, TurnId};
use crate::testing::context;
use proptest::prelude::*;

fn said(text: &str) -> String {
    pronounced(text, "en-US")
}

#[test]
fn full_hundreds_are_said_in_hundreds() {
    for (text, words) in [
        ("It is 4500.", "It is forty-five hundred."),
        (
            "4500 people, or 1200?",
            "forty-five hundred people, or twelve hundred?",
        ),
        ("That is $4500.", "That is forty-five hundred dollars."),
        ("at 1500 hours", "at fifteen hundred hours"),
    ] {
        assert_eq!(said(text), words);
    }
}

#[test]
fn years_are_said_in_pairs() {
    for (text, words) in [
        ("Since 1984.", "Since nineteen eighty-four."),
        ("in 1905, then", "in nineteen oh five, then"),
        ("On May 5, 2024 we", "On May 5, twenty twenty-four we"),
        ("in 2005", "in two thousand five"),
        ("in 1900", "in nineteen hundred"),
    ] {
        assert_eq!(said(text), words);
    }
}

#[test]
fn telephone_numbers_are_said_in_groups() {
    let groups = "four one five, five five five, zero one zero zero";
    for text in [
        "415-555-0100",
        "(415) 555-0100",
        "415 555 0100",
        "4155550100",
        "415.555.0100",
    ] {
        assert_eq!(
            said(&format!("Call {text}.")),
            format!("Call {groups}."),
            "{text}"
        );
    }
    assert_eq!(said("+1 415-555-0100"), format!("plus one, {groups}"));
    assert_eq!(said("+14155550100"), format!("plus one, {groups}"));
    assert_eq!(said("555-0100"), "five five five, zero one zero zero");
}

#[test]
fn numbers_that_are_names_are_said_in_digits() {
    for (text, words) in [
        (
            "Your code is 482913.",
            "Your code is four eight two, nine one three.",
        ),
        ("account number 4500", "account number four five zero zero"),
        (
            "the card ending in 1234",
            "the card ending in one two three four",
        ),
        (
            "account 123456789",
            "account one two three, four five six, seven eight nine",
        ),
        ("order 48291", "order four eight two nine one"),
        (
            "4111111111111111",
            "four one one one, one one one one, one one one one, one one one one",
        ),
    ] {
        assert_eq!(said(text), words);
    }
}

#[test]
fn what_the_synthesizer_reads_better_is_left_to_it() {
    for text in [
        "4,500 and 12,500",
        "4500 mg",
        "4500.50",
        "2000 or 5000",
        "$4,500.00 or $3500.99",
        "$1500 million",
        "10:30, 5/4/2024, 2024-05-04",
        "1500-1600",
        "A4500 and 4500th",
        "version 1.2300",
        "90% of 35",
        "10000000 people",
        "https://a.example/4500",
    ] {
        assert_eq!(said(text), text);
    }
}

#[test]
fn other_languages_have_their_long_rows_of_digits_grouped() {
    assert_eq!(
        pronounced("Llame al 4155550100.", "es"),
        "Llame al 4 1 5, 5 5 5, 0 1 0 0."
    );
    assert_eq!(
        pronounced("账号123456789。", "zh"),
        "账号1 2 3, 4 5 6, 7 8 9。"
    );
    assert_eq!(
        pronounced("Es kostet 4500 Euro.", "de"),
        "Es kostet 4500 Euro."
    );
    assert_eq!(pronounced("06 12 34 56 78", "fr"), "06 12 34 56 78");
}

#[test]
fn only_what_is_spoken_changes() {
    let mut context = context();
    let phrase = |text: &str| {
        Frame::Phrase(Phrase {
            turn: TurnId(1),
            text: text.into(),
            spoken: None,
        })
    };
    let mut processor = NumberPronouncer::new();
    processor.process(phrase("It is 4500."), Way::Down, &mut context);
    processor.process(phrase("It is 45."), Way::Down, &mut context);
    let phrases = context
        .take_sent()
        .into_iter()
        .map(|(frame, _)| match frame {
            Frame::Phrase(phrase) => (phrase.text, phrase.spoken),
            frame => panic!("{frame:?}"),
        });
    let expected = [
        (
            "It is 4500.".into(),
            Some("It is forty-five hundred.".into()),
        ),
        ("It is 45.".into(), None),
    ];
    assert_eq!(phrases.collect::<Vec<_>>(), expected);
}

/// Words without digits, in order.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|word| !word.is_empty() && !word.chars().any(char::is_numeric));
    words.map(str::to_owned).collect()
}

proptest! {
    #[test]
    fn no_word_is_dropped(
        text in "([a-zé好]{1,6}|[0-9]{1,17}|[$+(#]|[0-9]{3}-[0-9]{4})([ .,:-]|[ ]){1,2}([a-z]{1,4} |[0-9]{1,12}[ .]?){0,12}",
        language in "(en|es|zh)",
    ) {
        let spoken = words(&pronounced(&text, &language));
        let mut spoken = spoken.iter();
        for word in words(&text) {
            prop_assert!(spoken.any(|said| *said == word), "{word} of {text}");
        }
    }

    #[test]
    fn digits_of_a_row_are_all_said(digits in "[1-9][0-9]{6,25}[1-9]") {
        let spaced = pronounced(&digits, "es");
        let kept: String = spaced.chars().filter(char::is_ascii_digit).collect();
        prop_assert_eq!(&kept, &digits);
        let english = pronounced(&digits, "en");
        prop_assert_eq!(english.split_whitespace().count(), digits.len());
    }

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,200}", language in "(en|es|zh|auto)") {
        pronounced(&text, &language);
    }
}
