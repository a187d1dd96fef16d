//! Words of a text with their places, and what stands between them.

use crate::chars::is_word;
use std::ops::Range;

/// What stands between a word and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// White space only: the phrase goes on.
    Space,
    /// One hyphen: the phrase goes on (`twenty-three`).
    Hyphen,
    /// A comma and a space.
    Comma,
    /// One point without a space, as in `p.m.`
    Dot,
    /// Anything else, the beginning of the text, or nothing at all.
    Other,
}

/// A run of letters, digits and the marks that belong to them.
#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// As it stands in the text.
    pub text: &'a str,
    /// In lower case, with straight apostrophes.
    pub lower: String,
    /// What stands before it.
    pub gap: Gap,
    /// A word of letters: no digit in it, and no digit, sign or letter grown together with it.
    pub clean: bool,
}

/// The words of a text. Apostrophes inside a word belong to it (`o'clock`, `don’t`).
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out: Vec<Token<'_>> = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut last_end = 0;
    while let Some((start, first)) = chars.next() {
        if !is_word(first) {
            continue;
        }
        let mut end = start + first.len_utf8();
        while let Some(&(at, c)) = chars.peek() {
            let inner = matches!(c, '\'' | '’')
                && text[at + c.len_utf8()..]
                    .chars()
                    .next()
                    .is_some_and(is_word);
            if !is_word(c) && !inner {
                break;
            }
            end = at + c.len_utf8();
            chars.next();
        }
        let word = &text[start..end];
        let between = &text[last_end..start];
        let gap = match between {
            _ if out.is_empty() => Gap::Other,
            "-" | "‐" | "‑" => Gap::Hyphen,
            "." => Gap::Dot,
            between if between.trim().is_empty() && !between.is_empty() => Gap::Space,
            between if between.trim_end() == "," && between.len() > 1 => Gap::Comma,
            _ => Gap::Other,
        };
        out.push(Token {
            span: start..end,
            text: word,
            lower: word.to_lowercase().replace('’', "'"),
            gap,
            clean: !word.chars().any(char::is_numeric)
                && !text[..start].chars().next_back().is_some_and(is_sign)
                && !text[end..].chars().next().is_some_and(is_sign),
        });
        last_end = end;
    }
    out
}

/// Signs that make a word part of something already written: `$million`, `a@one.com`, `x_one`.
fn is_sign(c: char) -> bool {
    matches!(
        c,
        '$' | '€' | '£' | '¥' | '₹' | '%' | '@' | '#' | '_' | '/' | '\\' | '&' | '+' | '=' | '°'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_their_places_and_gaps() {
        let text = "Twenty-three, don’t  x_one.";
        let found: Vec<_> = tokens(text)
            .into_iter()
            .map(|t| (t.lower, t.gap, t.clean))
            .collect();
        assert_eq!(
            found,
            [
                ("twenty".to_owned(), Gap::Other, true),
                ("three".to_owned(), Gap::Hyphen, true),
                ("don't".to_owned(), Gap::Comma, true),
                ("x".to_owned(), Gap::Space, false),
                ("one".to_owned(), Gap::Other, false),
            ]
        );
    }
}
