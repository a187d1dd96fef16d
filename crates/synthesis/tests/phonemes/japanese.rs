//! Japanese in Kokoro's alphabet, with the dictionary that is fetched.

use std::sync::LazyLock;

use model_store::Store;
use synthesis::SynthesisError;
use synthesis::chunk::{Limits, characters, chunks};
use synthesis::phonemes::{Japanese, Phonemes, Pronunciations, tokens};
use synthesis::spoken::{Token, spoken};

use crate::support::{ENGLISH, astray};

pub static JAPANESE: LazyLock<Japanese> = LazyLock::new(|| {
    let folder = Store::from_env()
        .and_then(|store| store.dir("g2p-ja"))
        .expect("the model cache lacks it: run `cargo run -p model-store --bin models -- fetch`");
    Japanese::load(&folder, Some(ENGLISH.clone())).expect("it loads")
});

fn said(text: &str) -> Phonemes {
    JAPANESE.phonemes(&spoken(text, "ja"), &Pronunciations::default())
}

#[test]
fn words_are_read_as_the_dictionary_has_them() {
    let astray = astray(include_str!("japanese.tsv"), |text| said(text).text);
    assert!(astray.is_empty(), "{}", astray.join("\n"));
}

#[test]
fn each_word_has_its_place_though_the_dictionary_cuts_elsewhere() {
    let token = |text: &str, at: usize| Token {
        text: text.to_owned(),
        source: at..at + text.len(),
        is_mark: false,
    };
    let words = [
        token("取り", 0),
        token("引き", 6),
        token("の", 12),
        token("東", 15),
        token("京", 18),
    ];
    let said = JAPANESE.phonemes(&words, &Pronunciations::default());
    let heard: Vec<&str> = said
        .words
        .iter()
        .map(|range| &said.text[range.clone()])
        .collect();
    assert_eq!(heard, ["toɾʲi", "çikʲi", "no", "toː", "kʲoː"]);
}

#[test]
fn english_words_are_said_as_japanese_say_them() {
    assert_eq!(
        said("springのPythonでblorkを").text,
        "sɨpɯɾʲiŋɡɯ no paisoɴ de bɯɾoːkɯ o"
    );
    assert_eq!(
        said("DVDとA").text,
        "diː bɯi diː to eː".replace("diː", "dʲiː")
    );
}

#[test]
fn own_pronunciations_are_kana_kanji_or_symbols_and_win_over_several_words() {
    for (said, wanted) in [
        ("きょうと", "kʲoːto e"),
        ("キョート", "kʲoːto e"),
        ("大阪", "oːsaka e"),
        ("/ɡo/", "ɡo"),
    ] {
        let own = JAPANESE.pronunciations([("四条大路", said)]).unwrap();
        let heard = JAPANESE.phonemes(&spoken("四条大路へ", "ja"), &own).text;
        assert!(heard.starts_with(wanted), "{said}: {heard}");
    }
    for said in ["", "。", "/漢/"] {
        assert!(JAPANESE.pronunciations([("字", said)]).is_err(), "{said}");
    }
}

#[test]
fn every_character_has_a_sound() {
    for c in ('\u{3041}'..='\u{30fe}')
        .chain('\u{4e00}'..='\u{9fff}')
        .filter(|c| c.is_alphanumeric())
    {
        let said = said(&c.to_string()).text;
        assert!(
            said.contains(char::is_alphabetic),
            "{c} U+{:04X}",
            u32::from(c)
        );
    }
}

#[test]
fn a_folder_without_the_dictionary_is_refused_by_name() {
    let folder = std::env::temp_dir().join("no-such-dictionary");
    assert!(matches!(
        Japanese::load(&folder, None),
        Err(SynthesisError::ModelFile { .. })
    ));
}

#[test]
fn a_long_text_without_marks_takes_time_in_proportion() {
    let time = |count: usize| {
        let words = spoken(
            &"きょうはいい天気ですから散歩にいきましょう".repeat(count),
            "ja",
        );
        let start = std::time::Instant::now();
        JAPANESE.phonemes(&words, &Pronunciations::default());
        start.elapsed()
    };
    let (short, long) = (time(20), time(400));
    let most = std::time::Duration::from_secs(1).max(short * 80);
    assert!(long < most, "{short:?}, {long:?}");
}

#[test]
fn pieces_of_a_long_text_are_short_enough_to_be_said_at_once() {
    let text = "東京都内の病院を受診した患者は約三千二百人でシャワーを志しています".repeat(20);
    let words = spoken(&text, "ja");
    for piece in chunks(&words, Limits::default(), characters) {
        let said = JAPANESE.phonemes(&words[piece.said], &Pronunciations::default());
        assert!(tokens(&said.text).is_ok(), "{}", said.text.chars().count());
    }
}
