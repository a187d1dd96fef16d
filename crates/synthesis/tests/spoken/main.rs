//! What is said for text, and that nothing of it is lost.

use synthesis::spoken::{Token, spoken};

mod laws;
mod romance;
mod table;
mod time;
mod tongues;

/// Words and marks with spaces between.
fn said(text: &str) -> String {
    joined(&spoken(text, "en"))
}

fn joined(tokens: &[Token]) -> String {
    let words: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
    words.join(" ")
}

#[test]
fn words_keep_the_place_of_what_they_stand_for() {
    let text = "Pay $5.50 to Dr. Wu at 3pm.";
    let of = |word: &str| {
        let tokens = spoken(text, "en");
        let token = tokens.into_iter().find(|token| token.text == word);
        token.map(|token| &text[token.source])
    };
    assert_eq!(of("dollars"), Some("$5.50"));
    assert_eq!(of("doctor"), Some("Dr."));
    assert_eq!(of("three"), Some("3pm"));
    assert_eq!(of("."), Some("."));
}

#[test]
fn the_day_comes_first_in_britain() {
    let british = joined(&spoken("3/4/2024", "en-gb"));
    assert_eq!(british, "April third , twenty twenty four");
    assert_eq!(said("3/4/2024"), "March fourth , twenty twenty four");
}

#[test]
fn nothing_and_blanks_give_no_words() {
    for text in [
        "",
        " ",
        "\n\n\t",
        "\u{0}\u{1}",
        "<speak></speak>",
        "\u{200b}\u{feff}",
    ] {
        assert_eq!(spoken(text, "en"), [], "{text:?}");
    }
}

#[test]
fn text_that_runs_from_the_right_is_spoken() {
    assert!(!spoken("مرحبا بالعالم", "en").is_empty());
    assert!(!spoken("שלום", "en").is_empty());
}

#[test]
fn scripts_and_styles_of_pages_are_not_read() {
    assert_eq!(said("one<script>var x = 1;</script> two"), "one two");
    assert_eq!(
        said("a list of <unknown> things"),
        "a list of unknown things"
    );
    assert_eq!(said("one <!-- not this --> two"), "one two");
}
