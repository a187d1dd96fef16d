//! What is found, and what is left alone.

use super::*;
use crate::TimedWord;
use proptest::prelude::*;

fn found(text: &str, language: &str) -> Vec<(&'static str, String)> {
    entities(text, language)
        .into_iter()
        .map(|e| (e.kind.as_str(), e.value))
        .collect()
}

fn check(language: &str, text: &str, wanted: &[(&str, &str)]) {
    let found = found(text, language);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(kind, value)| (*kind, value.as_str()))
        .collect();
    assert_eq!(found, wanted, "{text}");
}

#[test]
fn money_is_found_written_and_spoken() {
    check("en", "You owe $1,250 now.", &[("MONEY", "$1,250")]);
    check(
        "en",
        "it is twelve hundred dollars",
        &[("MONEY", "twelve hundred dollars")],
    );
    check(
        "en",
        "About $5 million, or 3 bucks.",
        &[("MONEY", "$5 million"), ("MONEY", "3 bucks")],
    );
    check(
        "en",
        "five dollars and twenty cents",
        &[("MONEY", "five dollars and twenty cents")],
    );
    check("en", "two dogs and 5 cats", &[]);
}

#[test]
fn dates_are_found_written_and_spoken() {
    check(
        "en",
        "On March 3rd, 2024, or the 5th of May.",
        &[("DATE", "March 3rd, 2024"), ("DATE", "the 5th of May")],
    );
    check(
        "en",
        "on july twenty fifth nineteen eighty four",
        &[("DATE", "july twenty fifth nineteen eighty four")],
    );
    check(
        "en",
        "Next Friday or two weeks ago, in 2019.",
        &[
            ("DATE", "Next Friday"),
            ("DATE", "two weeks ago"),
            ("DATE", "2019"),
        ],
    );
    check("en", "I may march on the 5th floor.", &[]);
    check(
        "en",
        "It is due 03/15/2024, tomorrow.",
        &[("DATE", "03/15/2024"), ("DATE", "tomorrow")],
    );
}

#[test]
fn times_are_found_written_and_spoken() {
    check(
        "en",
        "Come at 10:30 a.m. or at half past three.",
        &[("TIME", "10:30 a.m."), ("TIME", "half past three")],
    );
    check(
        "en",
        "call me at five tomorrow",
        &[("TIME", "five"), ("DATE", "tomorrow")],
    );
    check(
        "en",
        "5pm Eastern time works, not noon",
        &[("TIME", "5pm Eastern time"), ("TIME", "noon")],
    );
    check("en", "We looked at five houses.", &[]);
}

#[test]
fn telephone_and_account_numbers_are_told_apart() {
    check(
        "en",
        "Call 415-555-0123 or 555-0123.",
        &[("PHONE", "415-555-0123"), ("PHONE", "555-0123")],
    );
    check(
        "en",
        "Reach me at (415) 555-0123.",
        &[("PHONE", "(415) 555-0123")],
    );
    check(
        "en",
        "my number is four one five five five five one two three four",
        &[("PHONE", "four one five five five five one two three four")],
    );
    check(
        "en",
        "The account number is 00412345.",
        &[("ACCOUNT", "00412345")],
    );
    check("en", "a card ending in 4821", &[("ACCOUNT", "4821")]);
    check(
        "en",
        "Your confirmation is AB-12345, okay?",
        &[("ACCOUNT", "AB-12345")],
    );
    check(
        "en",
        "the last four digits are 0042",
        &[("ACCOUNT", "0042")],
    );
    check("en", "Order number ZK 77310.", &[("ACCOUNT", "ZK 77310")]);
    check("en", "There were 1200 people in 300 rooms.", &[]);
}

#[test]
fn addresses_are_found_written_and_spoken() {
    check(
        "en",
        "Write to ann.lee@example.com.",
        &[("EMAIL", "ann.lee@example.com")],
    );
    check(
        "en",
        "it's ann dot lee at example dot com thanks",
        &[("EMAIL", "ann dot lee at example dot com")],
    );
    check("en", "Meet me at the shop dot", &[]);
}

#[test]
fn names_are_found_where_a_phrase_introduces_them() {
    check(
        "en",
        "This is Diana from American Amicable.",
        &[("PERSON", "Diana"), ("ORG", "American Amicable")],
    );
    check("en", "my name is diana and", &[("PERSON", "diana")]);
    check(
        "en",
        "Ask Dr. Brown at Acme Insurance.",
        &[("PERSON", "Brown"), ("ORG", "Acme Insurance")],
    );
}

#[test]
fn other_languages_have_amounts_dates_and_times() {
    check(
        "de",
        "Am 15. März um 15:30 Uhr, für 20 Euro.",
        &[
            ("DATE", "15. März"),
            ("TIME", "15:30 Uhr"),
            ("MONEY", "20 Euro"),
        ],
    );
    check(
        "es",
        "El 25 de julio de 2024 cuesta doscientos euros.",
        &[
            ("DATE", "25 de julio de 2024"),
            ("MONEY", "doscientos euros"),
        ],
    );
    check(
        "fr",
        "Le premier mai à 8 h 15, vingt euros.",
        &[
            ("DATE", "premier mai"),
            ("TIME", "8 h 15"),
            ("MONEY", "vingt euros"),
        ],
    );
    check(
        "zh",
        "3月15日下午3点半付¥23",
        &[("DATE", "3月15日"), ("TIME", "3点半"), ("MONEY", "¥23")],
    );
    check("hi", "पाँच सौ रुपये", &[("MONEY", "पाँच सौ रुपये")]);
}

#[test]
fn a_models_names_fill_what_rules_leave() {
    let text = "Zoë paid $5 in Köln.";
    let at = |word: &str| text.find(word).map(|i| i..i + word.len()).unwrap();
    let names = [
        Name {
            kind: EntityKind::Person,
            span: at("Zoë"),
        },
        Name {
            kind: EntityKind::Org,
            span: at("$5"),
        },
        Name {
            kind: EntityKind::Place,
            span: at("Köln"),
        },
        Name {
            kind: EntityKind::Place,
            span: 2..3,
        },
        Name {
            kind: EntityKind::Place,
            span: 90..95,
        },
    ];
    let found: Vec<_> = with_names(text, "en", &names)
        .into_iter()
        .map(|e| (e.kind.as_str(), e.span))
        .collect();
    assert_eq!(
        found,
        [("PERSON", 0..3), ("MONEY", 9..11), ("PLACE", 15..19)]
    );
}

#[test]
fn entities_have_the_times_of_their_words() {
    let text = "Zoë, pay $1,250 by March 3rd.";
    let words: Vec<TimedWord> = ["Zoë", "pay", "$1,250", "by", "March", "3rd"]
        .iter()
        .enumerate()
        .map(|(i, word)| TimedWord {
            word: (*word).to_owned(),
            start: i as f64,
            end: i as f64 + 0.5,
        })
        .collect();
    let found = entities(text, "en");
    assert_eq!(
        spoken_at(text, &found, &words),
        [Some((2.0, 2.5)), Some((4.0, 5.5))]
    );
    assert_eq!(spoken_at(text, &found, &[]), [None, None]);
}

#[test]
fn a_long_text_takes_little_time() {
    let text =
        "We sold it for five dollars, call 555 0123 at half past two on May 5th. ".repeat(1000);
    let started = std::time::Instant::now();
    assert!(entities(&text, "en").len() >= 3000);
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}

fn check_spans(text: &str, language: &str) {
    let chars: Vec<char> = text.chars().collect();
    let mut last = 0;
    for entity in entities(text, language) {
        assert!(
            entity.span.start >= last && !entity.span.is_empty(),
            "{text:?} {entity:?}"
        );
        last = entity.span.end;
        let value: String = chars[entity.span.clone()].iter().collect();
        assert_eq!(value, entity.value);
    }
}

proptest! {
    #[test]
    fn spans_cut_any_text_where_its_values_stand(
        text in "\\PC{0,80}", language in "(en|es|de|fr|hi|zh|ja|ko|xx)",
    ) {
        check_spans(&text, &language);
    }

    #[test]
    fn spans_cut_texts_of_the_rules_own_words(
        words in prop::collection::vec(
            "(five|twenty|hundred|dollars|\\$5|the|of|March|3rd|5th|2024|at|dot|com|call|account|number|is|AB|A|4821|555-0123|\\(415\\)|in|half|past|ago|weeks|1\\.5|million|name|Diana|from|Dr\\.|10:30|pm|é,|年3月|\\+1)[,.]?",
            0..14),
        language in "(en|es|de|fr|hi|zh|ja|ko)",
    ) {
        check_spans(&words.join(" "), &language);
    }
}
