//! Words and numbers of a text, as the rules read them.

use std::ops::Range;

/// What stands between white spaces, without the marks around it.
#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// As it stands there.
    pub text: &'a str,
    /// In lower case, with straight apostrophes.
    pub lower: String,
    /// The marks after it, up to the white space.
    pub after: &'a str,
}

impl Token<'_> {
    /// How many ASCII digits are in it.
    pub fn digits(&self) -> usize {
        self.text.bytes().filter(u8::is_ascii_digit).count()
    }

    /// Digits alone, perhaps with points or commas between groups of them: `1,250.50`.
    pub fn is_amount(&self) -> bool {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let ends = digit(self.text.chars().next()) && digit(self.text.chars().next_back());
        ends && self
            .text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
    }

    /// Digits and nothing else.
    pub fn number(&self) -> Option<u32> {
        let plain = !self.text.is_empty() && self.text.bytes().all(|b| b.is_ascii_digit());
        self.text.parse().ok().filter(|_| plain)
    }

    /// Whether the phrase goes on after it.
    pub fn goes_on(&self) -> bool {
        self.after.is_empty()
    }

    /// Whether a comma follows, or nothing.
    pub fn goes_on_or_comma(&self) -> bool {
        matches!(self.after, "" | ",")
    }

    /// Whether it begins with a capital.
    pub fn capital(&self) -> bool {
        self.text.starts_with(char::is_uppercase)
    }
}

/// The tokens of a text. A point stays with an abbreviation (`p.m.`), a sign with its amount.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut at = 0;
    for chunk in text.split_whitespace() {
        // Chunks come in order; the next one begins at or after the end of the last.
        let Some(found) = text[at..].find(chunk) else {
            continue;
        };
        let start = at + found;
        at = start + chunk.len();
        let inner = chunk.trim_start_matches(opens);
        let start = start + chunk.len() - inner.len();
        let mut core = inner.trim_end_matches(closes);
        if core.contains('.') && inner[core.len()..].starts_with('.') && abbreviation(core) {
            core = &inner[..=core.len()];
        }
        if core.is_empty() {
            continue;
        }
        out.push(Token {
            span: start..start + core.len(),
            text: core,
            lower: core.to_lowercase().replace('’', "'"),
            after: &inner[core.len()..],
        });
    }
    out
}

/// `p.m`, `U.S`: single letters between points.
fn abbreviation(core: &str) -> bool {
    core.split('.')
        .all(|part| part.chars().count() == 1 && part.chars().all(char::is_alphabetic))
}

fn opens(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | '“' | '‘' | '[' | '{' | '<' | '¿' | '¡' | '«' | '-' | '–' | '—' | '*'
    ) || c == '('
}

fn closes(c: char) -> bool {
    matches!(
        c,
        '.' | ','
            | ';'
            | ':'
            | '!'
            | '?'
            | '"'
            | '\''
            | '”'
            | '’'
            | ')'
            | ']'
            | '}'
            | '>'
            | '»'
            | '…'
            | '-'
            | '–'
            | '—'
            | '।'
            | '*'
    )
}
