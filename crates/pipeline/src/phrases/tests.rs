//! Where texts are cut, whole and as they are streamed.

use super::*;
use proptest::prelude::*;

fn pieces(text: &str) -> Vec<String> {
    Phrases::of(text, "en")
}

/// Character by character, as the worst stream would.
fn streamed(text: &str, language: &str) -> Vec<String> {
    let mut phrases = Phrases::new(language);
    let mut pieces = Vec::new();
    for c in text.chars() {
        pieces.extend(phrases.push(&c.to_string()));
    }
    pieces.extend(phrases.finish());
    pieces
}

#[test]
fn the_first_piece_is_a_clause_and_later_ones_are_sentences() {
    let text = "Of course I can, and it takes a minute, or two. Then, as ever, we are done!";
    let expected = [
        "Of course I can,",
        "and it takes a minute, or two.",
        "Then, as ever, we are done!",
    ];
    assert_eq!(pieces(text), expected);
    assert_eq!(streamed(text, "en"), expected);
}

#[test]
fn a_piece_is_given_as_soon_as_it_is_sure() {
    let mut phrases = Phrases::new("en");
    assert!(phrases.push("It costs 3.").is_empty());
    assert!(phrases.push("5 dollars.").is_empty());
    assert_eq!(phrases.push(" And"), ["It costs 3.5 dollars."]);
}

#[test]
fn a_first_clause_of_one_word_waits_for_more() {
    assert_eq!(pieces("Sure, I can do that."), ["Sure, I can do that."]);
}

#[test]
fn a_long_beginning_without_commas_is_cut_before_a_word_that_joins() {
    let text =
        "I have just looked into your account here and found the very last order and two more.";
    let first = "I have just looked into your account here and found the very last order";
    assert_eq!(pieces(text)[0], first);
}

#[test]
fn numbers_abbreviations_and_addresses_stay_whole() {
    for text in [
        "Dr. Smith pays $1,000.50 at 5 p.m. in the U.S. office.",
        "See www.example.com/a,b?c=1.5 for e.g. No. 5.",
        "Ask J. R. Jones.",
        "Call 415 555 0100 now.",
        "It is 3.14159.",
    ] {
        assert_eq!(streamed(text, "en"), [text]);
    }
    let german = "Am 3. Mai um 9 Uhr, z.B. bei Dr. Weiß.";
    assert_eq!(
        streamed(german, "de"),
        ["Am 3. Mai um 9 Uhr,", "z.B. bei Dr. Weiß."]
    );
}

#[test]
fn a_unit_of_one_letter_may_end_a_sentence() {
    let text = "Nous fermons à 18 h. À bientôt, M. Dupont.";
    let expected = ["Nous fermons à 18 h.", "À bientôt, M. Dupont."];
    assert_eq!(streamed(text, "fr"), expected);
}

#[test]
fn scripts_without_spaces_are_cut_at_their_own_marks() {
    let text = "好的，我马上帮您查一下，请稍等。您的订单已经发货了！";
    let expected = [
        "好的，我马上帮您查一下，",
        "请稍等。",
        "您的订单已经发货了！",
    ];
    assert_eq!(streamed(text, "zh"), expected);
    let text = "はい、承知しました。「少々お待ちください。」確認します。";
    let expected = [
        "はい、承知しました。",
        "「少々お待ちください。」",
        "確認します。",
    ];
    assert_eq!(streamed(text, "ja"), expected);
    let text = "जी हाँ, मैं देखती हूँ। आपका ऑर्डर आ गया है।";
    assert_eq!(streamed(text, "hi").len(), 2);
}

#[test]
fn lists_are_cut_at_their_lines() {
    let text = "We have:\n- **Pasta**\n- Pizza\n1. Soup\n";
    assert_eq!(
        streamed(text, "en"),
        ["We have:", "Pasta", "Pizza", "1. Soup"]
    );
}

#[test]
fn thoughts_are_not_spoken_however_they_are_streamed() {
    let text = "<think>The caller wants. I say.</think>Until nine. 3 < 5 <thin";
    let expected = ["Until nine.", "3 < 5 <thin"];
    assert_eq!(streamed(text, "en"), expected);
    assert_eq!(pieces(text), expected);
    assert!(pieces("<think>For ever and ever.").is_empty());
}

#[test]
fn a_sentence_without_end_is_cut_at_clauses_and_then_at_words() {
    let clauses = "and we go on and on, ".repeat(60);
    let words = "word ".repeat(500);
    for text in [&clauses, &words] {
        for piece in pieces(text) {
            assert!(piece.len() <= LONGER, "{piece}");
        }
    }
    let one = "x".repeat(10_000);
    assert!(pieces(&one).iter().all(|piece| piece.len() <= LONGEST));
}

#[test]
fn pieces_are_joined_as_their_script_is() {
    let mut text = String::new();
    for piece in ["Yes,", "I do.", "好的，", "没问题。"] {
        join(&mut text, piece);
    }
    assert_eq!(text, "Yes, I do. 好的，没问题。");
}

proptest! {
    #[test]
    fn nothing_is_lost_however_it_is_streamed(
        words in prop::collection::vec("[a-zA-Z0-9é好ह]{1,12}[.,!?;:。]{0,2}", 0..120),
        size in 1..40_usize,
    ) {
        let text = words.join(" ");
        let mut phrases = Phrases::new("en");
        let mut pieces = Vec::new();
        let chars: Vec<char> = text.chars().collect();
        for part in chars.chunks(size) {
            pieces.extend(phrases.push(&part.iter().collect::<String>()));
        }
        pieces.extend(phrases.finish());
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        prop_assert_eq!(letters(&pieces.concat()), letters(&text));
        prop_assert_eq!(pieces, Phrases::of(&text, "en"));
    }

    #[test]
    fn any_text_is_cut_without_panic(text in "\\PC{0,300}", language in "(en|de|zh|ja|hi|xx)") {
        Phrases::of(&text, &language);
    }
}
