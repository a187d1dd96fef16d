//! A text walked character by character, for languages written without spaces; and the lists
//! of words that the grammars read.

use super::Edit;
use std::ops::Range;

/// The characters of a text and where each begins.
pub(super) struct Walk {
    chars: Vec<char>,
    bytes: Vec<usize>,
}

impl Walk {
    pub(super) fn new(text: &str) -> Self {
        let (mut bytes, chars): (Vec<usize>, Vec<char>) = text.char_indices().unzip();
        bytes.push(text.len());
        Self { chars, bytes }
    }

    /// How many characters.
    pub(super) fn len(&self) -> usize {
        self.chars.len()
    }

    /// A character, if there is one.
    pub(super) fn get(&self, at: usize) -> Option<char> {
        self.chars.get(at).copied()
    }

    /// The character before a place.
    pub(super) fn before(&self, at: usize) -> Option<char> {
        self.get(at.checked_sub(1)?)
    }

    /// Where `word` ends if it stands at a place.
    pub(super) fn after(&self, at: usize, word: &str) -> Option<usize> {
        let mut end = at;
        for c in word.chars() {
            if self.get(end)? != c {
                return None;
            }
            end += 1;
        }
        Some(end)
    }

    /// Whether one of the words ends right before a place.
    pub(super) fn follows(&self, at: usize, words: &[&str]) -> bool {
        words.iter().any(|word| {
            at.checked_sub(word.chars().count())
                .is_some_and(|start| self.after(start, word).is_some())
        })
    }

    /// Whether one of the words, and nothing grown together with it, ends right before a place.
    pub(super) fn prefixed(&self, at: usize, words: &[&str]) -> bool {
        words.iter().any(|word| {
            let start = at.checked_sub(word.chars().count());
            let found = start.filter(|start| self.after(*start, word).is_some());
            found.is_some_and(|start| !self.before(start).is_some_and(char::is_alphanumeric))
        })
    }

    /// Letters and digits from a place to the end of the word.
    pub(super) fn rest_of_word(&self, at: usize) -> String {
        let rest = self.chars.get(at..).unwrap_or(&[]);
        rest.iter().take_while(|c| c.is_alphanumeric()).collect()
    }

    /// The longest of the words that stands at a place, and where it ends.
    pub(super) fn longest<'a>(&self, at: usize, words: &[&'a str]) -> Option<(usize, &'a str)> {
        let found = words.iter().filter_map(|&w| Some((self.after(at, w)?, w)));
        found.max_by_key(|(end, _)| *end)
    }

    /// Where white space that begins at a place ends.
    pub(super) fn space(&self, at: usize) -> usize {
        let rest = self.chars.get(at..).unwrap_or(&[]);
        at + rest.iter().take_while(|c| c.is_whitespace()).count()
    }

    /// An edit of characters.
    pub(super) fn edit(&self, span: Range<usize>, text: String) -> Edit {
        Edit {
            span: self.bytes[span.start]..self.bytes[span.end],
            text,
        }
    }

    /// Whether nothing but these characters is letters or digits in the whole text.
    pub(super) fn is_all(&self, span: &Range<usize>) -> bool {
        let outside = self.chars.iter().enumerate();
        !outside
            .filter(|(i, _)| !span.contains(i))
            .any(|(_, c)| c.is_alphanumeric())
    }
}

/// Part of a number that is already written.
pub(super) fn is_written(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_ascii_digit() || matches!(c, '０'..='９'))
}

/// The words of a data file: one a line, without comments.
pub(super) fn words(file: &'static str) -> Vec<&'static str> {
    file.lines()
        .map(|line| line.trim_end_matches('\r'))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

/// The pairs of a data file: two columns parted by a tab, without comments.
pub(super) fn pairs(file: &'static str) -> Vec<(&'static str, &'static str)> {
    let lines = words(file).into_iter();
    lines.filter_map(|line| line.split_once('\t')).collect()
}
