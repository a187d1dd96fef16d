//! English in both accents, and sentences as spoken words.

use std::sync::{Arc, LazyLock};

use model_store::Store;
use synthesis::phonemes::{Accent, English, Hindi, Phonemes, Pronunciations, Speller};
use synthesis::spoken::Token;

pub static SPELLER: LazyLock<Arc<Speller>> = LazyLock::new(|| {
    let weights = Store::from_env()
        .and_then(|store| store.file("g2p-en", "checkpoint20.npz"))
        .expect("the model cache lacks it: run `cargo run -p model-store --bin models -- fetch`");
    Arc::new(Speller::load(&weights).expect("it loads"))
});

pub static AMERICAN: LazyLock<English> =
    LazyLock::new(|| English::new(Accent::American, Arc::clone(&SPELLER)));

/// The same, to be shared.
pub static ENGLISH: LazyLock<Arc<English>> =
    LazyLock::new(|| Arc::new(English::new(Accent::American, Arc::clone(&SPELLER))));

pub static BRITISH: LazyLock<English> =
    LazyLock::new(|| English::new(Accent::British, Arc::clone(&SPELLER)));

/// Words and marks of a sentence that has nothing to normalise.
pub fn words(sentence: &str) -> Vec<Token> {
    let is_mark = |c: char| ".,!?;:—…()“”\"".contains(c);
    let mut words: Vec<Token> = Vec::new();
    let mut open = false;
    for (at, c) in sentence.char_indices() {
        let end = at + c.len_utf8();
        if c.is_whitespace() {
            open = false;
        } else if is_mark(c) || !open {
            open = !is_mark(c);
            words.push(Token {
                text: c.to_string(),
                source: at..end,
                is_mark: is_mark(c),
            });
        } else {
            let word = words.last_mut().unwrap();
            word.text.push(c);
            word.source.end = end;
        }
    }
    words
}

/// All phonemes of a sentence.
pub fn said(english: &English, sentence: &str) -> Phonemes {
    english.phonemes(&words(sentence), &Pronunciations::default())
}

/// The phonemes of one word of a sentence, the first that is written so.
pub fn word<'a>(phonemes: &'a Phonemes, sentence: &str, word: &str) -> &'a str {
    let words = words(sentence);
    let at = words.iter().position(|token| token.text == word);
    let at = at.unwrap_or_else(|| panic!("`{word}` is not in `{sentence}`"));
    &phonemes.text[phonemes.words[at].clone()]
}

/// Hindi that says English words as the British do.
pub static ENGLISH_FOR_HINDI: LazyLock<Hindi> = LazyLock::new(|| {
    let english = English::new(Accent::British, Arc::clone(&SPELLER));
    Hindi::new(Some(Arc::new(english)))
});

/// The rows of a table, text and phonemes, that are said otherwise.
pub fn astray(table: &str, said: impl Fn(&str) -> String) -> Vec<String> {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    let rows = rows.map(|line| line.split_once('\t').expect("two columns"));
    let astray = rows.filter_map(|(text, wanted)| {
        let heard = said(text);
        (heard != wanted).then(|| format!("{text}\n  wanted {wanted}\n  said   {heard}"))
    });
    astray.collect()
}
