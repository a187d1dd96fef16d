//! French and Hindi: their tables of nasty inputs, and laws with fragments of their own.

use std::time::Duration;

use proptest::prelude::*;
use synthesis::spoken::spoken;

use super::joined;
use super::laws::{check, is_accent, lost};
use super::table::unescape;
use super::time::time;

/// All rows of a table must be said as written there.
fn said_as_written(language: &str, table: &str) {
    let rows = table.lines().filter(|line| !line.starts_with("# "));
    let rows: Vec<(&str, &str)> = rows
        .map(|line| line.split_once('\t').expect("two columns"))
        .collect();
    assert!(rows.len() >= 20, "{} rows", rows.len());
    let mut failed = 0;
    for (input, wanted) in &rows {
        let heard = joined(&spoken(&unescape(input), language));
        if heard != *wanted {
            println!("{input:?}\n  wanted {wanted}\n  said   {heard}");
            failed += 1;
        }
    }
    println!("{failed} of {} inputs are said otherwise", rows.len());
    assert_eq!(failed, 0);
}

#[test]
fn nasty_french_is_said_as_the_table_has_it() {
    said_as_written("fr", include_str!("fr.tsv"));
}

#[test]
fn nasty_hindi_is_said_as_the_table_has_it() {
    said_as_written("hi", include_str!("hi.tsv"));
}

#[test]
fn words_keep_their_places() {
    for (language, text, word, place) in [
        ("fr", "Payez 5,50 € à M. Roy à 9h.", "cinquante", "5,50 €"),
        ("fr", "Payez 5,50 € à M. Roy à 9h.", "monsieur", "M."),
        ("fr", "Le 06 12 34 56 78", "douze", "12"),
        ("hi", "डॉ. रॉय को ₹२५ दें", "पच्चीस", "₹२५"),
        ("hi", "डॉ. रॉय को ₹२५ दें", "डॉक्टर", "डॉ."),
    ] {
        let tokens = spoken(text, language);
        let token = tokens.into_iter().find(|token| token.text == word);
        let found = token.map(|token| &text[token.source]);
        assert_eq!(found, Some(place), "{word} in {text}");
    }
}

#[test]
fn every_letter_and_digit_of_unicode_is_spoken() {
    for c in ('\u{1}'..=char::MAX).filter(|c| c.is_alphanumeric() && !is_accent(*c)) {
        let text = c.to_string();
        for language in ["fr", "hi"] {
            let tokens = spoken(&text, language);
            check(&text, &tokens);
            assert_eq!(lost(&text, &tokens), [], "U+{:04X}", u32::from(c));
        }
    }
}

/// Fragments that the readings of these languages look for.
fn nasty() -> impl Strategy<Value = String> {
    let fragments = prop::sample::select(vec![
        "1",
        "21",
        "456",
        "000",
        "०",
        "२५",
        "٣",
        "１",
        ".",
        ",",
        ":",
        "/",
        "-",
        "–",
        "(",
        ")",
        "$",
        "€",
        "₹",
        "%",
        "°C",
        "km",
        "किमी",
        " ",
        "\n",
        "\u{202f}",
        "M.",
        "Mme",
        "n°",
        "p. ex.",
        "डॉ.",
        "रु.",
        "ई.",
        "mars",
        "15 août",
        "जनवरी",
        "h",
        "14h30",
        "12:30",
        "am",
        "p.m.",
        "er",
        "ème",
        "वाँ",
        "XIV",
        "XXe",
        "Louis",
        "SNCF",
        "l'",
        "L’ONU",
        "qu'",
        "-t-il",
        "@",
        "#",
        "_",
        "www.",
        ".com",
        "https://",
        "😂",
        "🪿",
        "👩‍💻",
        "½",
        "²",
        "×",
        "x",
        "+",
        "e\u{301}",
        "\u{93c}",
        "\u{94d}",
        "क",
        "ा",
        "क़",
        "नमस्ते",
        "京",
        "мир",
        "\u{200b}",
        "\u{0}",
        "…",
        "*",
        "!",
        "?",
        "&",
        "a",
        "A",
        "à",
        "M",
        "M€",
        "ﬁ",
        "ᵉ",
        "Ⅷ",
        "①",
        "।",
        "'",
        "’",
        "«",
        "»",
    ]);
    prop::collection::vec(fragments, 0..20).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn nothing_written_is_lost(text in nasty()) {
        for language in ["fr", "hi"] {
            let tokens = spoken(&text, language);
            check(&text, &tokens);
            prop_assert_eq!(lost(&text, &tokens), [], "{:?} {}", text, language);
        }
    }

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        for language in ["fr", "hi"] {
            check(&text, &spoken(&text, language));
        }
    }
}

#[test]
fn time_grows_with_length_and_no_faster() {
    for unit in [
        "mot ",
        "a",
        "1",
        "1 234 567 ",
        "1-",
        "1.",
        "1,",
        ".",
        "A.",
        "a'",
        "a-",
        "🪿",
        "12:30 ",
        "5 € ",
        "₹1,00,000 ",
        "३",
        "क",
        "क़ा",
        "XIV ",
        "e\u{301}",
        "(1",
        "+1 ",
        "1/",
        "@a",
        "a.b",
        "M. ",
        "#",
    ] {
        for language in ["fr", "hi"] {
            let (short, long) = (time(unit, 30_000, language), time(unit, 240_000, language));
            // Were time to grow with the square, eight times the text would take 64 times as long.
            assert!(
                long < Duration::from_millis(250).max(short * 32),
                "{unit:?} {language}: {short:?} for 30 kB, {long:?} for 240 kB"
            );
        }
    }
}
