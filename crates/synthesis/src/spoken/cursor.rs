//! A place in the text to try a reading from: cheap to copy, so that a failed try costs nothing.

/// A position in a text, always on a character's border.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub text: &'a str,
    pub at: usize,
}

impl<'a> Cursor<'a> {
    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    /// The character before this place.
    pub fn before(&self) -> Option<char> {
        self.text[..self.at].chars().next_back()
    }

    pub fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub fn eat(&mut self, wanted: char) -> bool {
        self.eat_if(|c| c == wanted).is_some()
    }

    pub fn eat_if(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        let next = self.peek().filter(|&c| wanted(c))?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub fn eat_str(&mut self, wanted: &str) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    /// Up to `most` characters for which `wanted` holds.
    pub fn take(&mut self, most: usize, wanted: impl Fn(char) -> bool) -> &'a str {
        let from = self.at;
        for _ in 0..most {
            if self.eat_if(&wanted).is_none() {
                break;
            }
        }
        &self.text[from..self.at]
    }

    /// Up to `most` ASCII digits.
    pub fn digits(&mut self, most: usize) -> &'a str {
        self.take(most, |c| c.is_ascii_digit())
    }

    /// From `least` to `most` digits with no further digit behind them.
    pub fn whole_digits(&mut self, least: usize, most: usize) -> Option<&'a str> {
        let mut ahead = *self;
        let digits = ahead.digits(most);
        if digits.len() < least || ahead.peek().is_some_and(|c| c.is_ascii_digit()) {
            return None;
        }
        *self = ahead;
        Some(digits)
    }

    /// Letters of ASCII, at most 24.
    pub fn letters(&mut self) -> &'a str {
        self.take(24, |c| c.is_ascii_alphabetic())
    }

    /// Steps over spaces of one line; how many.
    pub fn blanks(&mut self) -> usize {
        self.take(8, is_blank).chars().count()
    }

    /// Whether no letter or digit follows.
    pub fn word_ends(&self) -> bool {
        !self.peek().is_some_and(char::is_alphanumeric)
    }

    /// Whether a word or a figure may begin here: no letter or digit stands before.
    pub fn word_begins(&self) -> bool {
        !self.before().is_some_and(char::is_alphanumeric)
    }
}

/// A space within a line.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}')
}

/// Characters that have no look and no sound: controls, joiners, direction marks, soft hyphens.
pub(super) fn is_invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Accents written as characters of their own.
pub(super) fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}
