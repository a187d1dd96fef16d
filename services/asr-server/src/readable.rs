//! A hypothesis as a person wants to read it.

use crate::answer::{probability, seconds};
use api::recognition::Word;
use speech::Hypothesis;

/// Text and words of a segment.
pub struct Readable {
    /// The text.
    pub text: String,
    /// Its words with times; empty where they were not asked for.
    pub words: Vec<Word>,
}

/// Makes a hypothesis readable: punctuation and casing, numbers as digits, profanity masked.
pub fn readable(
    hypothesis: &Hypothesis,
    punctuation: bool,
    _itn: bool,
    _profanity: bool,
) -> Readable {
    let language = hypothesis.language.code();
    let words = hypothesis.words.iter().filter_map(|word| {
        let text = match punctuation {
            true => text::bare_word(&word.text),
            false => text::plain(&word.text, language),
        };
        (!text.is_empty()).then(|| Word {
            word: text,
            start: seconds(word.start_s),
            end: seconds(word.end_s),
            confidence: probability(word.confidence),
        })
    });
    Readable {
        text: match punctuation {
            true => hypothesis.text.clone(),
            false => text::plain(&hypothesis.text, language),
        },
        words: words.collect(),
    }
}
