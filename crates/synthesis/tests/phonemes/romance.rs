//! Spanish, Italian and Brazilian Portuguese: their words, what words do to each other, what holds
//! for any words.

use proptest::prelude::*;
use synthesis::SynthesisError;
use synthesis::phonemes::{Pronunciations, Romance, Tongue, tokens};
use synthesis::spoken::{Token, spoken};

use crate::support::words;

const TONGUES: [Tongue; 3] = [Tongue::Spanish, Tongue::Italian, Tongue::Portuguese];

fn said(tongue: Tongue, sentence: &str) -> String {
    let language = Romance::new(tongue);
    let none = Pronunciations::default();
    language.phonemes(&words(sentence), &none).text
}

fn check(tongue: Tongue, table: &str) {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    let rows: Vec<(&str, &str)> = rows.filter_map(|line| line.split_once('\t')).collect();
    assert!(rows.len() >= 80, "{} rows", rows.len());
    let mut wrong = Vec::new();
    for (word, wanted) in &rows {
        let heard = said(tongue, word);
        if heard != *wanted {
            wrong.push(format!("{word}: wanted {wanted}, said {heard}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{} words as in the table", rows.len());
}

#[test]
fn spanish_words_are_said_as_the_table_has_them() {
    check(Tongue::Spanish, include_str!("es.tsv"));
}

#[test]
fn italian_words_are_said_as_the_table_has_them() {
    check(Tongue::Italian, include_str!("it.tsv"));
}

#[test]
fn portuguese_words_are_said_as_the_table_has_them() {
    check(Tongue::Portuguese, include_str!("pt.tsv"));
}

#[test]
fn words_in_one_breath_change_each_other() {
    for (tongue, sentence, wanted) in [
        (Tongue::Spanish, "un beso de Dios", "ˈum bˈeso ðe ðjˈos"),
        (Tongue::Spanish, "No, baja.", "nˈo, bˈaxa."),
        (Tongue::Italian, "c'è l'acqua", "ʧˈɛ lˈakːwa"),
        (Tongue::Portuguese, "os olhos", "ʊz ˈɔljʊs"),
        (
            Tongue::Portuguese,
            "a noite antiga",
            "a nˈoɪʧj ˌɐ\u{303}ŋʧˈiɡæ",
        ),
        (Tongue::Portuguese, "dizer agora", "ʤizˈeɾ ˌaɡˈɔɾæ"),
    ] {
        assert_eq!(said(tongue, sentence), wanted, "{sentence}");
    }
}

#[test]
fn capitals_alone_are_letters_in_one_word() {
    let of = |tongue, text, code| {
        let none = Pronunciations::default();
        Romance::new(tongue)
            .phonemes(&spoken(text, code), &none)
            .text
    };
    assert_eq!(of(Tongue::Spanish, "el FBI", "es"), "el ˌefeβˌeˈi");
    assert_eq!(of(Tongue::Italian, "un PDF", "it"), "ʊn pˌidˌiˈɛffe");
    assert_eq!(of(Tongue::Portuguese, "a TV", "pt-br"), "a tˈe vˈe");
}

#[test]
fn each_word_has_its_place() {
    let phonemes = Romance::new(Tongue::Spanish)
        .phonemes(&words("¡Hola, buen día!"), &Pronunciations::default());
    let places: Vec<&str> = phonemes
        .words
        .iter()
        .map(|place| &phonemes.text[place.clone()])
        .collect();
    assert_eq!(places, ["ˈola", ",", "bwˈen", "dˈia", "!"]);
}

#[test]
fn own_pronunciations_are_ipa_or_a_spelling() {
    let italian = Romance::new(Tongue::Italian);
    for (written, wanted) in [
        ("/ˈnaiki/", "nˈaiki"),
        ("nàichi", "nˈaikɪ"),
        ("[dʒiˈti]", "ʤitˈi"),
    ] {
        let own = italian.pronunciations([("Nike", written)]).unwrap();
        assert_eq!(italian.phonemes(&words("NIKE"), &own).text, wanted);
    }
    for written in ["", "/a.b, c/", "/漢/", "..."] {
        let error = italian.pronunciations([("x", written)]).unwrap_err();
        assert!(
            matches!(error, SynthesisError::Pronunciation { .. }),
            "{written}: {error}"
        );
    }
}

#[test]
fn a_word_of_a_megabyte_is_read_in_time() {
    for unit in ["mente", "a", "prender", "ción", "d'", "ção"] {
        let text = unit.repeat(1_000_000 / unit.len());
        let words = [Token {
            source: 0..text.len(),
            text,
            is_mark: false,
        }];
        for tongue in TONGUES {
            let start = std::time::Instant::now();
            let said = Romance::new(tongue).phonemes(&words, &Pronunciations::default());
            assert!(!said.text.is_empty());
            assert!(start.elapsed().as_secs() < 20, "{unit} {tongue:?}");
        }
    }
}

#[test]
fn every_letter_of_unicode_has_sounds() {
    for c in ('\u{1}'..=char::MAX).filter(|c| c.is_alphanumeric()) {
        let words = [Token {
            text: c.to_string(),
            source: 0..c.len_utf8(),
            is_mark: false,
        }];
        for tongue in TONGUES {
            let said = Romance::new(tongue).phonemes(&words, &Pronunciations::default());
            assert!(said.text.contains(char::is_alphabetic), "{c:?} {tongue:?}");
        }
    }
}

fn token() -> impl Strategy<Value = Token> {
    let text = prop_oneof![
        "[a-zA-Z]{1,12}",
        "[a-záéíóúñüàèìòùâêôãõç]{1,12}",
        "[a-z]{1,4}'[a-zàèìòù]{1,8}",
        "[A-Za-z]{1,6}-[A-Za-z]{1,6}",
        "[A-ZÁÉÍÑÇ]{1,3}",
        "[\\w'’-]{1,10}",
        "\\PC{1,6}",
    ];
    (text, any::<bool>()).prop_map(|(text, is_mark)| Token {
        text,
        source: 0..0,
        is_mark,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_words_give_symbols_of_the_voice_and_places_in_order(
        words in prop::collection::vec(token(), 0..8),
    ) {
        for tongue in TONGUES {
            let said = Romance::new(tongue).phonemes(&words, &Pronunciations::default());
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
}
