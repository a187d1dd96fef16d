//! Mandarin in Kokoro's alphabet.

use std::sync::LazyLock;

use synthesis::chunk::{Limits, characters, chunks};
use synthesis::phonemes::{Mandarin, Phonemes, Pronunciations, tokens};
use synthesis::spoken::spoken;

use crate::support::{ENGLISH, astray};

static MANDARIN: LazyLock<Mandarin> = LazyLock::new(|| Mandarin::new(Some(ENGLISH.clone())));

fn said(text: &str) -> Phonemes {
    MANDARIN.phonemes(&spoken(text, "zh"), &Pronunciations::default())
}

#[test]
fn words_have_the_tones_of_their_neighbourhood() {
    let astray = astray(include_str!("mandarin.tsv"), |text| said(text).text);
    assert!(astray.is_empty(), "{}", astray.join("\n"));
}

#[test]
fn each_word_has_its_place() {
    let words = spoken("我去银行，2点。", "zh");
    let said = MANDARIN.phonemes(&words, &Pronunciations::default());
    let of = |word: &str| {
        let at = words.iter().position(|token| token.text == word);
        at.map(|at| &said.text[said.words[at].clone()])
    };
    assert_eq!(of("银行"), Some("i↗nxa↗ŋ"));
    assert_eq!(of("两"), Some("lja↗ŋ"));
    assert_eq!(of("."), Some("."));
}

#[test]
fn english_among_characters_is_said_in_english_or_spelled() {
    assert_eq!(said("卡拉OK和app").text, "kʰa↓la→ ˌO kˈA xɤ↗ ˈæp");
    let alone = Mandarin::new(None);
    let spelled = alone.phonemes(&spoken("卡拉OK", "zh"), &Pronunciations::default());
    assert_eq!(spelled.text, "kʰa↓la→ ou→ kʰei↘");
}

#[test]
fn own_pronunciations_are_pinyin_characters_or_symbols_and_win_over_several_words() {
    for (said, wanted) in [
        ("dan1 chan2", "ta→nꭧʰa↗n"),
        ("dān chán", "ta→nꭧʰa↗n"),
        ("蛋炒", "ta↘nꭧʰa↓u"),
        ("/tan↘/", "tan↘"),
    ] {
        let own = MANDARIN.pronunciations([("单禅", said)]).unwrap();
        let words = spoken("我单禅。", "zh");
        let heard = MANDARIN.phonemes(&words, &own).text;
        let wanted = wanted.replace("ꭧʰa↓u", "ꭧʰau↓");
        assert_eq!(heard, format!("wo↓ {wanted}."), "{said}");
    }
    for said in ["", "hello", "xyz3", "単？"] {
        assert!(MANDARIN.pronunciations([("单", said)]).is_err(), "{said}");
    }
}

#[test]
fn every_syllable_of_pinyin_that_characters_have_is_said() {
    for c in ('\u{4e00}'..='\u{9fff}').chain("〇𠮷".chars()) {
        let said = said(&c.to_string()).text;
        assert!(said.contains(char::is_alphabetic), "{c}");
    }
}

#[test]
fn pieces_of_a_long_text_are_short_enough_to_be_said_at_once() {
    let text = "他在中国的银行里工作已经有十年了而且双床房装修很漂亮".repeat(20);
    let words = spoken(&text, "zh");
    for piece in chunks(&words, Limits::default(), characters) {
        let said = MANDARIN.phonemes(&words[piece.said], &Pronunciations::default());
        assert!(tokens(&said.text).is_ok(), "{}", said.text.chars().count());
    }
}
