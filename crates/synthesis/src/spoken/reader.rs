//! Goes through the text once, giving each place to the first reading that claims it.

use std::ops::Range;

use super::cursor::{Cursor, is_accent, is_blank, is_invisible};
use super::{Token, emoji, markup};

/// What a language knows. The readings get a place that begins with neither space nor markup.
pub(super) trait Rules {
    /// Reads figures, abbreviations and words; whether it advanced.
    fn read(&self, reader: &mut Reader<'_>) -> bool;
    /// What is said for a sign; an empty text skips it knowingly.
    fn symbol(&self, sign: char) -> Option<&'static str>;
    /// What is said for an emoji, given without skin tones and variation selectors.
    fn emoji(&self, emoji: &str) -> Option<&'static str>;
}

/// The text, the place reached, and what is spoken so far.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub text: &'a str,
    pub at: usize,
    pub tokens: Vec<Token>,
    /// Where the sentence at hand ends, and whether all of it is in capitals.
    pub shouting: (usize, bool),
    /// Where the bracket stands that closes a name or the text of a link; it is not said.
    pub closing: usize,
}

impl<'a> Reader<'a> {
    pub fn cursor(&self) -> Cursor<'a> {
        Cursor {
            text: self.text,
            at: self.at,
        }
    }

    /// Speaks words (and marks) separated by spaces for the text up to `until`.
    pub fn say(&mut self, words: &str, until: usize) -> bool {
        self.say_at(words, self.at..until);
        self.at = until;
        true
    }

    /// Speaks words for a part of the text.
    pub fn say_at(&mut self, words: &str, source: Range<usize>) {
        for word in words.split_whitespace() {
            self.tokens.push(Token {
                text: word.to_owned(),
                source: source.clone(),
                is_mark: !word.contains(char::is_alphanumeric),
            });
        }
    }

    /// A mark of punctuation; of several in a row the strongest stays.
    pub fn mark(&mut self, mark: &str, until: usize) -> bool {
        let source = self.at..until;
        self.at = until;
        let strength = |mark: &str| match mark {
            "," => 1,
            ";" | ":" | "—" => 2,
            "." | "…" => 3,
            "!" => 4,
            "?" => 5,
            _ => 0,
        };
        if strength(mark) > 0
            && let Some(last) = self.tokens.last_mut()
            && last.is_mark
            && strength(&last.text) > 0
        {
            if strength(&last.text) < strength(mark) {
                mark.clone_into(&mut last.text);
            }
            last.source.end = until;
            return true;
        }
        self.tokens.push(Token {
            text: mark.to_owned(),
            source,
            is_mark: true,
        });
        true
    }

    /// A pause where the text has none: only between words.
    pub fn pause(&mut self, mark: &str, until: usize) -> bool {
        if self.tokens.last().is_some_and(|last| !last.is_mark) {
            return self.mark(mark, until);
        }
        self.skip(until)
    }

    pub fn skip(&mut self, until: usize) -> bool {
        self.at = until;
        true
    }

    /// The words last spoken as they are written in the source.
    pub fn last_written(&self) -> &'a str {
        self.tokens
            .last()
            .map_or("", |token| &self.text[token.source.clone()])
    }

    /// Whether a sentence begins here.
    pub fn begins_sentence(&self) -> bool {
        self.tokens
            .last()
            .is_none_or(|token| matches!(token.text.as_str(), "." | "!" | "?" | "…" | ":" | "“"))
    }
}

/// Reads the whole text.
pub(super) fn read(text: &str, rules: &dyn Rules) -> Vec<Token> {
    let mut reader = Reader {
        text,
        at: 0,
        tokens: Vec::new(),
        shouting: (0, false),
        closing: usize::MAX,
    };
    while let Some(next) = reader.cursor().peek() {
        let from = reader.at;
        let claimed = space(&mut reader, next)
            || markup::read(&mut reader, rules)
            || emoji::read(&mut reader, rules)
            || rules.read(&mut reader)
            || punctuation(&mut reader, next)
            || sign(&mut reader, rules, next);
        debug_assert!(claimed == (reader.at > from), "claims advance at {from}");
        if !claimed {
            other(&mut reader, next);
        }
    }
    reader.tokens
}

/// Spaces, line ends and what cannot be seen.
fn space(reader: &mut Reader<'_>, next: char) -> bool {
    let mut cursor = reader.cursor();
    if is_invisible(next) || is_blank(next) || is_accent(next) {
        cursor.bump();
        return reader.skip(cursor.at);
    }
    if !next.is_whitespace() {
        return false;
    }
    let lines = cursor.take(usize::MAX, char::is_whitespace);
    let ends = lines.matches('\n').count().max(lines.matches('\r').count());
    // One line end may be mere wrapping; a capital after a short line is a heading or a list.
    let line = reader.text[..reader.at]
        .chars()
        .rev()
        .take(48)
        .position(|c| c == '\n');
    let short = line.is_some() || reader.at < 48;
    let begins = cursor.peek().is_some_and(|c| {
        c.is_uppercase() || c.is_numeric() || c > '\u{2e80}' || matches!(c, '-' | '*' | '•' | '#')
    });
    if cursor.peek().is_some() && (ends > 1 || (short && begins)) {
        return reader.pause(".", cursor.at);
    }
    reader.skip(cursor.at)
}

/// Marks to pause at.
fn punctuation(reader: &mut Reader<'_>, next: char) -> bool {
    let mut cursor = reader.cursor();
    let before = cursor.before();
    cursor.bump();
    let mark = match next {
        '.' | '。' | '．' | '।' | '۔' | '｡' => {
            let dots = 1 + cursor.take(usize::MAX, |c| c == '.').len();
            if dots > 1 { "…" } else { "." }
        }
        ',' | '，' | '、' | '،' => ",",
        '!' | '！' | '¡' => "!",
        '?' | '？' | '؟' | '¿' => "?",
        ';' | '；' | '؛' => ";",
        ':' | '：' => ":",
        '…' => "…",
        '—' | '–' | '―' => "—",
        '(' | '（' => "(",
        ')' | '）' => ")",
        '“' | '„' | '«' | '「' | '『' => "“",
        '”' | '»' | '」' | '』' => "”",
        '"' if before.is_none_or(|c| c.is_whitespace() || "([{—-".contains(c)) => "“",
        '"' => "”",
        '-' | '‐' | '‑' | '‒' => {
            let run = 1 + cursor.take(usize::MAX, |c| c == '-').len();
            let spaced = before.is_none_or(char::is_whitespace)
                && cursor.peek().is_none_or(char::is_whitespace);
            if run == 1 && !spaced {
                return reader.skip(cursor.at);
            }
            return reader.pause("—", cursor.at);
        }
        '\'' | '‘' | '’' | '‚' | '‛' | '＇' => return reader.skip(cursor.at),
        _ => return false,
    };
    if matches!(next, '¡' | '¿') {
        return reader.skip(cursor.at);
    }
    reader.mark(mark, cursor.at)
}

/// Signs of the language's table; a run of one sign is said once.
fn sign(reader: &mut Reader<'_>, rules: &dyn Rules, next: char) -> bool {
    let Some(said) = rules.symbol(next) else {
        return false;
    };
    let mut cursor = reader.cursor();
    cursor.take(usize::MAX, |c| c == next);
    reader.say(said, cursor.at)
}

/// What no one claims: in Latin letters if it has any, else letters are named as unknown and signs
/// without a name are skipped.
fn other(reader: &mut Reader<'_>, next: char) {
    let until = reader.at + next.len_utf8();
    let latin: String = deunicode::deunicode_char(next)
        .unwrap_or("")
        .chars()
        .map(|c| if c.is_ascii_alphabetic() { c } else { ' ' })
        .collect();
    if !latin.trim().is_empty() {
        reader.say(&latin, until);
    } else if next.is_alphanumeric() {
        reader.say("unknown letter", until);
    } else {
        reader.skip(until);
    }
}
