//! Where the words of a list stand in their text.

use crate::chars::{is_foreign_punctuation, is_word};
use crate::itn::Edit;
use std::ops::Range;

/// A word, or several grown into one, and its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    /// The words it is made of, as indices of the list.
    pub source: Range<usize>,
    /// Bytes of the text; empty for a word without letters and digits.
    pub span: Range<usize>,
}

/// What a text and the list of its words have in common: letters, digits and signs, but no
/// punctuation.
fn counts(c: char) -> bool {
    is_word(c) || is_sign(c)
}

fn is_sign(c: char) -> bool {
    match c.is_ascii() {
        true => matches!(c, '$' | '%' | '&' | '+' | '=' | '#' | '@'),
        false => !is_word(c) && !c.is_whitespace() && !c.is_control() && !is_foreign_punctuation(c),
    }
}

/// The places of the words, by their letters and digits; `None` when those of the list are not
/// those of the text. Signs may be missing on either side.
pub(super) fn place(text: &str, words: &[&str]) -> Option<Vec<Placed>> {
    let mut letters = text.char_indices().filter(|(_, c)| counts(*c)).peekable();
    let mut placed = Vec::with_capacity(words.len());
    let mut at = 0;
    for (i, word) in words.iter().enumerate() {
        let mut span: Option<Range<usize>> = None;
        for c in word.chars().filter(|c| counts(*c)) {
            if is_sign(c) && letters.peek().is_none_or(|(_, found)| *found != c) {
                continue;
            }
            let (start, found) = letters.find(|(_, found)| is_word(*found) || *found == c)?;
            if found != c && !found.to_lowercase().eq(c.to_lowercase()) {
                return None;
            }
            let end = start + found.len_utf8();
            span = Some(span.map_or(start, |span| span.start)..end);
        }
        let span = span.unwrap_or(at..at);
        at = span.end;
        let source = i..i + 1;
        placed.push(Placed { source, span });
    }
    (words.is_empty() || letters.all(|(_, c)| !is_word(c))).then_some(placed)
}

/// A word with the marks that adjoin it, for [`crate::bare_word`] to choose from. Stars belong
/// to the masked word they are in.
pub(super) fn with_marks<'a>(text: &'a str, span: &Range<usize>) -> &'a str {
    let mark = |c: char| !c.is_whitespace() && !counts(c) && c != '*';
    if span.is_empty() {
        return "";
    }
    let (Some(before), Some(after)) = (text.get(..span.start), text.get(span.end..)) else {
        return "";
    };
    let start = before.trim_end_matches(mark).len();
    let end = text.len() - after.trim_start_matches(mark).len();
    &text[start..end]
}

/// The words after the changes: those that a change touches grow into one, and all have their
/// places in the changed text.
pub(super) fn merge(placed: Vec<Placed>, changes: &[Edit]) -> Vec<Placed> {
    let mut merged: Vec<Placed> = Vec::with_capacity(placed.len());
    // The last change that touches the last word, if one does.
    let mut touching: Option<usize> = None;
    let mut first = 0;
    for word in placed {
        while first < changes.len() && changes[first].span.end <= word.span.start {
            first += 1;
        }
        let touches =
            |change: &Edit| change.span.start < word.span.end && word.span.start < change.span.end;
        // A word of marks alone belongs to the change it stands in.
        let inside = |change: &Edit| {
            word.span.is_empty()
                && change.span.start < word.span.start
                && word.span.start < change.span.end
        };
        let mut now = changes
            .get(first)
            .filter(|c| touches(c) || inside(c))
            .map(|_| first);
        match (merged.last_mut(), touching, now) {
            (Some(last), Some(before), Some(change)) if before == change => {
                last.source.end = word.source.end;
                last.span.end = last.span.end.max(word.span.end);
            }
            _ => merged.push(word.clone()),
        }
        // A long word may reach into further changes.
        while let Some(change) = now
            && changes.get(change + 1).is_some_and(touches)
        {
            now = Some(change + 1);
        }
        touching = now;
        first = now.unwrap_or(first);
    }
    let mut shift = Shift {
        changes,
        done: 0,
        offset: 0,
    };
    for word in &mut merged {
        let start = shift.start(word.span.start);
        let end = shift.end(word.span.end);
        word.span = start..end.max(start);
    }
    merged
}

/// Carries places, in their order, over into the changed text.
struct Shift<'a> {
    changes: &'a [Edit],
    done: usize,
    offset: isize,
}

impl Shift<'_> {
    fn pass(&mut self, until: impl Fn(&Edit) -> bool) {
        while let Some(change) = self.changes.get(self.done).filter(|change| until(change)) {
            self.offset += change.text.len() as isize - change.span.len() as isize;
            self.done += 1;
        }
    }

    /// Where a word begins: with the change it begins in.
    fn start(&mut self, at: usize) -> usize {
        self.pass(|change| change.span.end <= at);
        let at = self
            .changes
            .get(self.done)
            .map_or(at, |change| match change.span.start < at {
                true => change.span.start,
                false => at,
            });
        at.saturating_add_signed(self.offset)
    }

    /// Where a word ends: with the change it ends in.
    fn end(&mut self, at: usize) -> usize {
        self.pass(|change| change.span.end <= at);
        match self
            .changes
            .get(self.done)
            .filter(|change| change.span.start < at)
        {
            Some(change) => {
                change.span.start.saturating_add_signed(self.offset) + change.text.len()
            }
            None => at.saturating_add_signed(self.offset),
        }
    }
}
