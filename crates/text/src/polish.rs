//! A recogniser's text as people read it: numbers written, swear words masked, punctuation.
//!
//! Text and words are worked on together, so that they always come out alike: the words have
//! their places in the text, and whatever happens to the text happens to them.

mod place;

use crate::chars::is_word;
use crate::itn::{self, Edit};
use crate::{bare_word, plain, profanity, restore};
use place::{Placed, merge, place, with_marks};
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
    fn text_and_places(&self, text: &str, placed: Vec<Placed>) -> (String, Vec<Placed>) {
        let restores = self.punctuation && restore::is_bare(text);
        let mut draft = Draft {
            text: text.to_owned(),
            placed,
        };
        if self.itn {
            draft.rewrite(&itn::edits(&draft.text, self.language));
        }
        if self.profanity_filter {
            draft.rewrite(&masks(&draft.text, self.language));
        }
        if restores {
            draft.rewrite(&restore::edits(&draft.text, self.language));
        }
        (draft.text, draft.placed)
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

/// A text on its way, and where its words are.
struct Draft {
    text: String,
    placed: Vec<Placed>,
}

impl Draft {
    fn rewrite(&mut self, edits: &[Edit]) {
        self.placed = merge(std::mem::take(&mut self.placed), edits);
        self.text = itn::apply(&self.text, edits);
    }
}

/// What masking changes: letter by letter where a letter is a character, otherwise run by run.
fn masks(text: &str, language: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut start = 0;
    while let Some(found) = text[start..].find(is_word) {
        let begin = start + found;
        let length = text[begin..].find(|c| !is_word(c));
        let end = length.map_or(text.len(), |length| begin + length);
        let run = &text[begin..end];
        let masked = profanity::mask(run, language);
        start = end;
        if masked == run {
            continue;
        }
        if masked.chars().count() != run.chars().count() {
            let span = begin..end;
            edits.push(Edit { span, text: masked });
            continue;
        }
        let letters = run.char_indices().zip(masked.chars());
        edits.extend(
            letters
                .filter(|((_, old), new)| old != new)
                .map(|((at, old), new)| Edit {
                    span: begin + at..begin + at + old.len_utf8(),
                    text: new.to_string(),
                }),
        );
    }
    edits
}

#[cfg(test)]
mod tests;
