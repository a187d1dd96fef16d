//! A recogniser's text as people read it: numbers written, swear words masked, punctuation.
//!
//! Text and words are worked on together, so that they always come out alike: the words have
//! their places in the text, and whatever happens to the text happens to them.

mod place;

use crate::{bare_word, itn, plain, profanity, restore};
use place::{Change, Placed, carry, merge, place, with_marks};
use std::ops::Range;

/// What to do to a text.
#[derive(Debug, Clone, Copy)]
pub struct Polish<'a> {
    /// ISO 639-1 code of the language.
    pub language: &'a str,
    /// Whether punctuation and casing stay; where the recogniser gave none, the least of it is
    /// restored. `false` strips both.
    pub punctuation: bool,
    /// Whether numbers, money, dates and times are written in digits.
    pub itn: bool,
    /// Whether swear words are masked.
    pub profanity_filter: bool,
}

/// A word after polishing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolishedWord {
    /// What is written, without the punctuation around it. May hold spaces (`5 km`).
    pub text: String,
    /// The words it was made of, as indices of the input.
    pub source: Range<usize>,
}

impl Polish<'_> {
    /// A text polished.
    pub fn text(&self, text: &str) -> String {
        self.words(text, &[]).0
    }

    /// A text and its words polished. The words are given in their order and may lack the
    /// text's punctuation; words of punctuation alone disappear.
    ///
    /// Where the letters of the words are not those of the text (which no engine of ours does),
    /// each is polished by itself.
    pub fn words(&self, text: &str, words: &[&str]) -> (String, Vec<PolishedWord>) {
        let Some(placed) = place(text, words) else {
            let each = words.iter().enumerate().map(|(i, word)| PolishedWord {
                text: self.finish_word(&self.text_and_places(word, Vec::new()).0),
                source: i..i + 1,
            });
            let each = each.filter(|word| !word.text.is_empty()).collect();
            return (
                self.finish_text(self.text_and_places(text, Vec::new()).0),
                each,
            );
        };
        let (text, placed) = self.text_and_places(text, placed);
        let words = placed.into_iter().filter_map(|word| {
            let text = self.finish_word(with_marks(&text, &word.span));
            let source = word.source;
            (!text.is_empty()).then_some(PolishedWord { text, source })
        });
        let words = words.collect();
        (self.finish_text(text), words)
    }

    /// The text rewritten but for punctuation taken away, and where its words went.
    fn text_and_places(&self, text: &str, mut placed: Vec<Placed>) -> (String, Vec<Placed>) {
        let restores = self.punctuation && restore::is_bare(text);
        let mut text = text.to_owned();
        if self.itn {
            let edits = itn::edits(&text, self.language);
            let changes = edits.iter().map(|edit| Change {
                span: edit.span.clone(),
                bytes: edit.text.len(),
            });
            placed = merge(placed, &changes.collect::<Vec<_>>());
            text = itn::apply(&text, &edits);
        }
        if self.profanity_filter {
            // A mask has a star for each character it hides, so places carry over.
            let masked = profanity::mask(&text, self.language);
            carry(&text, &masked, &mut placed);
            text = masked;
        }
        if restores {
            let capitals = restore::capitals(&text, self.language);
            let cased = text
                .char_indices()
                .map(|(at, c)| match capitals.binary_search(&at) {
                    Ok(_) => capital(c),
                    Err(_) => c,
                });
            let cased: String = cased.collect();
            carry(&text, &cased, &mut placed);
            let (closing, opening) = restore::marks(&text, self.language);
            text = format!("{opening}{}{closing}", cased.trim_end());
            for word in &mut placed {
                word.span = word.span.start + opening.len()..word.span.end + opening.len();
            }
        }
        (text, placed)
    }

    fn finish_text(&self, text: String) -> String {
        match self.punctuation {
            true => text,
            false => plain(&text, self.language),
        }
    }

    fn finish_word(&self, word: &str) -> String {
        if !self.punctuation {
            return plain(word, self.language);
        }
        let parts = word.split_whitespace().map(bare_word);
        let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
        parts.join(" ")
    }
}

/// A capital letter, where it is one character too.
fn capital(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(upper), None) => upper,
        _ => c,
    }
}

#[cfg(test)]
mod tests;
