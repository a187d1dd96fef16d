//! Hindi, in Devanagari and romanised, with English words of numbers among it, by the
//! conventions of NeMo's inverse text normalisation. Digits are written in ASCII. एक and दो
//! alone are also "a" and "give": they are numbers only before what is counted.

mod digits;
mod lexicon;
mod number;
mod phrase;

use super::Edit;
use lexicon::LEXICON;
use number::Words;

/// What to rewrite.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let words = Words::new(text);
    let mut out = Vec::new();
    let mut i = 0;
    while i < words.tokens.len() {
        if let Some((end, _)) = words.phrase(i, &LEXICON.stays) {
            i = end;
            continue;
        }
        let written = i > 0 && words.joined(i) && has_digit(words.tokens[i - 1].text);
        let found = words.telephone(i).or_else(|| words.spoken(i));
        match found {
            Some((end, text)) => {
                if let Some(text) = text.filter(|_| !written) {
                    let span = words.tokens[i].span.start..words.tokens[end - 1].span.end;
                    out.push(Edit { span, text });
                }
                i = end;
            }
            None => i += 1,
        }
    }
    out
}

fn has_digit(word: &str) -> bool {
    word.chars().any(char::is_numeric)
}
