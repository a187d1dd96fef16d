//! Texts to speak: any text in any language to words, phonemes and pieces, with pronunciations of the
//! caller's own. English and Japanese to phonemes only where their models are installed.
#![no_main]

use fuzz::Input;
use libfuzzer_sys::fuzz_target;
use model_store::Store;
use std::sync::{Arc, LazyLock};
use synthesis::chunk::{Limits, characters, chunks};
use synthesis::phonemes::tokens;
use synthesis::spoken::{Token, spoken};
use synthesis::{Language, LanguageFiles, Languages, Phonemizer, Style};

const LANGUAGES: [Language; 9] = [
    Language::AmericanEnglish,
    Language::BritishEnglish,
    Language::Spanish,
    Language::French,
    Language::Hindi,
    Language::Italian,
    Language::Portuguese,
    Language::Japanese,
    Language::Mandarin,
];

static PHONEMIZERS: LazyLock<Vec<Option<Arc<dyn Phonemizer>>>> = LazyLock::new(|| {
    let files = Store::from_env().and_then(|store| LanguageFiles::find(&store));
    let files = files.unwrap_or_else(|error| {
        eprintln!("only what needs no model becomes phonemes: {error}");
        let none = "/nonexistent";
        LanguageFiles {
            speller: none.into(),
            japanese: none.into(),
        }
    });
    let languages = Languages::new(files);
    LANGUAGES
        .iter()
        .map(|language| languages.get(*language).ok())
        .collect()
});

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let which = usize::from(input.byte()) % LANGUAGES.len();
    let own = input.until(0);
    let text = String::from_utf8_lossy(input.0);
    let words = spoken(&text, LANGUAGES[which].code());
    check(&text, &words);
    cut(&words);
    let _ = Style::parse(&text);
    if let Some(phonemizer) = &PHONEMIZERS[which] {
        say(&**phonemizer, &words, &String::from_utf8_lossy(own));
    }
});

fn check(text: &str, words: &[Token]) {
    let mut last = 0;
    for token in words {
        assert!(text.get(token.source.clone()).is_some(), "{token:?}");
        assert!(token.source.start >= last, "{token:?} runs backwards");
        assert!(!token.source.is_empty(), "{token:?} stands for nothing");
        last = token.source.start;
        assert!(!token.text.is_empty() && !token.text.contains(char::is_whitespace));
        assert!(
            !token.text.contains(|c: char| c.is_ascii_digit()),
            "{token:?}"
        );
    }
}

fn cut(words: &[Token]) {
    let mut end = 0;
    for chunk in chunks(words, Limits::default(), characters) {
        assert_eq!(chunk.said.start, end);
        assert!(chunk.said.end > end && chunk.read.end <= words.len());
        end = chunk.said.end;
    }
    assert_eq!(end, words.len(), "all is said");
}

/// `own`: words and what is said for them, a line each, with a tab between.
fn say(phonemizer: &dyn Phonemizer, words: &[Token], own: &str) {
    let pairs = own.lines().filter_map(|line| line.split_once('\t'));
    let pairs: Vec<(String, String)> = pairs
        .map(|(word, said)| (word.into(), said.into()))
        .collect();
    let own = phonemizer.pronunciations(&pairs).unwrap_or_default();
    let said = phonemizer.phonemes(words, &own);
    assert_eq!(said.words.len(), words.len());
    let mut end = 0;
    for word in &said.words {
        assert!(
            word.start >= end && said.text.get(word.clone()).is_some(),
            "{word:?}"
        );
        end = word.end;
    }
    let _ = tokens(&said.text);
}
