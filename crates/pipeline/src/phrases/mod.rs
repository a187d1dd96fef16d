//! Cuts text that is still being written into pieces that can be spoken.
//!
//! The first piece is a clause, so that sound begins early; later ones are sentences. Cuts are made
//! at white space and after ideographic punctuation only: never inside numbers, abbreviations or
//! addresses. What is not for the ear is left out, see [`crate::speakable`].

#[cfg(test)]
mod tests;

use crate::speakable::speakable;
use crate::thoughts::Thoughts;
use crate::wording::{Wording, is_ideographic};

/// A first clause has at least this many words, or a sentence's end.
const FIRST_WORDS: usize = 3;
/// A first piece that has more words and no clause yet is cut before a word that joins.
const FIRST_LONGEST: usize = 12;
/// A sentence with more characters is cut at a clause.
const LONG: usize = 220;
/// A clause of a long sentence has at least so many.
const SHORTEST_CLAUSE: usize = 60;
/// A piece without clauses and with more characters is cut between words.
const LONGER: usize = 320;
/// Even a single word is cut here.
const LONGEST: usize = 2000;

/// See the module. Holds at most 2000 characters that are not given out yet.
#[derive(Debug)]
pub struct Phrases {
    wording: &'static Wording,
    thoughts: Thoughts,
    buffer: String,
    is_first: bool,
}

/// What ends at a place where a cut is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Sentence,
    Clause,
    Word,
}

impl Phrases {
    /// For a text in a language such as `pt-BR`.
    pub fn new(language: &str) -> Self {
        Phrases {
            wording: Wording::of(language),
            thoughts: Thoughts::default(),
            buffer: String::new(),
            is_first: true,
        }
    }

    /// More text; gives the pieces that it completes, without white space around them.
    pub fn push(&mut self, text: &str) -> Vec<String> {
        let spoken = self.thoughts.push(text);
        self.buffer.push_str(&spoken);
        let mut pieces = Vec::new();
        while let Some(at) = self.cut() {
            let rest = self.buffer.split_off(at);
            let piece = std::mem::replace(&mut self.buffer, rest);
            self.give(&piece, &mut pieces);
        }
        pieces
    }

    /// Whether anything but thoughts was written.
    pub fn has_begun(&self) -> bool {
        !self.is_first || !self.buffer.trim().is_empty()
    }

    /// The text is complete; gives what is left of it.
    pub fn finish(&mut self) -> Vec<String> {
        let mut pieces = self.push("\n");
        let rest = self.thoughts.finish();
        self.buffer.push_str(&rest);
        let rest = std::mem::take(&mut self.buffer);
        self.give(&rest, &mut pieces);
        pieces
    }

    /// A whole text in pieces.
    pub fn of(text: &str, language: &str) -> Vec<String> {
        let mut phrases = Phrases::new(language);
        let mut pieces = phrases.push(text);
        pieces.extend(phrases.finish());
        pieces
    }

    fn give(&mut self, raw: &str, pieces: &mut Vec<String>) {
        let piece = speakable(raw, self.wording);
        if piece.chars().any(char::is_alphanumeric) {
            self.is_first = false;
            pieces.push(piece);
        }
    }

    /// Where the next piece ends, in bytes, if that is known yet.
    fn cut(&self) -> Option<usize> {
        let mut clause = None;
        let mut word = None;
        let mut words = 0;
        let mut length = 0;
        let mut open = 0_usize;
        let mut before = None;
        let mut chars = self.buffer.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            length += 1;
            match c {
                '(' | '[' => open = length,
                ')' | ']' => open = 0,
                _ => {}
            }
            let after = at + c.len_utf8();
            let next = chars.peek().map(|(_, c)| *c);
            // A bracket that stays open for long is a slip of the pen.
            let is_inside = open > 0 && length - open < SHORTEST_CLAUSE;
            let ends = match self.ends(at, c, before, next) {
                Some(_) if is_inside && c != '\n' => None,
                ends => ends,
            };
            if c.is_whitespace() && before.is_some_and(|c: char| !c.is_whitespace()) {
                words += 1;
            }
            if is_ideographic(c) && length % 2 == 0 {
                words += 1;
            }
            before = Some(c);
            match ends {
                Some(Ends::Sentence) if length > LONG && clause.is_some() => return clause,
                Some(Ends::Sentence) => return Some(after),
                Some(Ends::Clause) if self.is_first && words >= FIRST_WORDS => return Some(after),
                Some(Ends::Clause) if (SHORTEST_CLAUSE..=LONG).contains(&length) => {
                    clause = Some(after);
                }
                Some(Ends::Word) => {
                    if self.is_first && words >= FIRST_LONGEST && self.joins(&self.buffer[after..])
                    {
                        return Some(after);
                    }
                    word = Some(after);
                }
                _ => {}
            }
            match length {
                LONG.. if clause.is_some() => return clause,
                LONGER.. if word.is_some() => return word,
                LONGEST.. => return Some(after),
                _ => {}
            }
        }
        None
    }

    /// What ends with the character `c` at `at`.
    fn ends(&self, at: usize, c: char, before: Option<char>, next: Option<char>) -> Option<Ends> {
        if c == '\n' {
            let is_text = self.buffer[..at].chars().any(|c| !c.is_whitespace());
            return is_text.then_some(Ends::Sentence);
        }
        if matches!(
            c,
            '。' | '！' | '？' | '｡' | '।' | '、' | '，' | '；' | '：'
        ) {
            let is_sentence = !matches!(c, '、' | '，' | '；' | '：');
            let goes_on = next.is_none_or(|c| is_closing(c) || matches!(c, '。' | '！' | '？'));
            return (!goes_on).then_some(if is_sentence {
                Ends::Sentence
            } else {
                Ends::Clause
            });
        }
        if is_closing(c) && before.is_some_and(|c| matches!(c, '。' | '！' | '？' | '｡')) {
            return next
                .is_some_and(|c| !is_closing(c))
                .then_some(Ends::Sentence);
        }
        if is_ideographic(c) {
            return next.is_some_and(is_ideographic).then_some(Ends::Word);
        }
        if !c.is_whitespace() {
            return None;
        }
        let text = self.buffer[..at].trim_end();
        let bare = text.trim_end_matches(|c| is_closing(c) || matches!(c, '*' | '_'));
        if text::ends_sentence(bare) && !self.is_abbreviated(bare) {
            return Some(Ends::Sentence);
        }
        let last = bare.chars().next_back()?;
        let is_dash = matches!(last, '—' | '–') || bare.ends_with(" -");
        if matches!(last, ',' | ';' | ':' | '…') || is_dash || bare.ends_with("...") {
            return Some(Ends::Clause);
        }
        // `415 555` stays together.
        let is_number = last.is_numeric() && next.is_none_or(char::is_numeric);
        (!is_number && next.is_some_and(|c| !c.is_whitespace())).then_some(Ends::Word)
    }

    /// Whether the full stop at the end of a text belongs to its last word.
    fn is_abbreviated(&self, text: &str) -> bool {
        let Some(text) = text.strip_suffix('.') else {
            return false;
        };
        let is_edge = |c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '\'');
        let word = text.rsplit(is_edge).next().unwrap_or_default();
        let mut letters = word.chars();
        match (letters.next(), letters.next()) {
            // `J. Smith`; but `So do I.`
            (Some(letter), None) if letter.is_uppercase() => return letter != 'I',
            _ => {}
        }
        if word.chars().all(|c| c.is_ascii_digit()) {
            // Numbers of a list; everywhere in languages that write `3.` for `third`.
            let is_lead = word.len() == text.trim_start().len();
            return word.len() <= 2 && (is_lead || self.wording.ordinal_point);
        }
        // `U.S.`, `a.m.`
        let dotted = word.contains('.') && word.split('.').all(|part| part.chars().count() == 1);
        let known = word.to_lowercase();
        dotted || self.wording.abbreviations.contains(&known)
    }

    /// Whether a text begins with a whole word after which nobody is done, such as `and`.
    fn joins(&self, text: &str) -> bool {
        let Some(end) = text.find(char::is_whitespace) else {
            return false;
        };
        let word = text[..end].to_lowercase();
        self.wording.unfinished.contains(&word)
    }
}

/// Puts a piece after others, with a space where the script has one.
pub fn join(text: &mut String, piece: &str) {
    let last = text.chars().next_back();
    let first = piece.chars().next();
    if last.is_none() || first.is_none() {
        text.push_str(piece);
        return;
    }
    let tight = |c: Option<char>| c.is_some_and(|c| is_ideographic(c) || is_wide_mark(c));
    let is_spaced = last.is_some_and(char::is_whitespace);
    if !(is_spaced || tight(last) && tight(first)) {
        text.push(' ');
    }
    text.push_str(piece);
}

fn is_wide_mark(c: char) -> bool {
    ('\u{3000}'..='\u{303F}').contains(&c) || ('\u{FF00}'..='\u{FF65}').contains(&c)
}

fn is_closing(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | ')' | ']' | '”' | '’' | '»' | '」' | '』' | '）'
    )
}
