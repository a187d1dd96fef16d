//! A text laid out as words and their parts, for the rules to read.

use super::Edit;
use super::lexicon::Atom;
use super::style::{Style, Tens};
use super::token::{Gap, Token, tokens};

/// Part of a number word: in most languages the whole word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    pub atom: Atom,
    /// The word it belongs to.
    pub token: usize,
    /// Whether it is the last part of that word.
    pub last: bool,
}

/// What a rule found, from the word it was asked about on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The word after the last one of it.
    pub end: usize,
    /// What is written.
    pub text: String,
}

impl Found {
    pub fn new(end: usize, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { end, text }
    }
}

/// A text laid out.
pub(super) struct Scan<'a> {
    pub text: &'a str,
    pub style: &'a Style,
    pub tokens: Vec<Token<'a>>,
    parts: Vec<Part>,
    /// Where in `parts` each word begins; equal to the next word's where it is no number word.
    first: Vec<usize>,
    /// Words that an ending makes ordinals (`zwanzigste`); their parts are those of the cardinal.
    ordinals: Vec<bool>,
}

/// A rule: what begins at a word.
pub(super) type Rule = fn(&Scan<'_>, usize) -> Option<Found>;

impl<'a> Scan<'a> {
    pub fn new(text: &'a str, style: &'a Style) -> Self {
        let tokens = tokens(text);
        let mut parts = Vec::new();
        let mut ordinals = Vec::with_capacity(tokens.len());
        let mut first = Vec::with_capacity(tokens.len() + 1);
        let shouted = !text.chars().any(char::is_lowercase);
        for (token, word) in tokens.iter().enumerate() {
            first.push(parts.len());
            // `ELF` among small letters is no eleven.
            let acronym = !shouted && word.text.chars().all(char::is_uppercase);
            let (atoms, ordinal) = match word.clean && (!acronym || word.text.chars().count() == 1)
            {
                true => atoms(style, &word.lower),
                false => (Vec::new(), false),
            };
            ordinals.push(ordinal);
            let count = atoms.len();
            parts.extend(atoms.into_iter().enumerate().map(|(i, atom)| Part {
                atom,
                token,
                last: i + 1 == count,
            }));
        }
        first.push(parts.len());
        Self {
            text,
            style,
            tokens,
            parts,
            first,
            ordinals,
        }
    }

    /// Everything the rules find: the longest first, and of equally long ones the first rule's.
    pub fn edits(&self, rules: &[Rule]) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut i = 0;
        while i < self.tokens.len() {
            if self.part_of(i).is_none() && !self.style.lexicon.begins(self.word(i)) {
                i += 1;
                continue;
            }
            let mut best: Option<Found> = None;
            for found in rules.iter().filter_map(|rule| rule(self, i)) {
                if best.as_ref().is_none_or(|best| found.end > best.end) {
                    best = Some(found);
                }
            }
            let Some(mut found) = best.filter(|found| found.end > i) else {
                i += 1;
                continue;
            };
            let span = self.tokens[i].span.start..self.tokens[found.end - 1].span.end;
            // A sentence's own point serves an abbreviation as well.
            if found.text.ends_with('.') && self.text[span.end..].starts_with('.') {
                found.text.pop();
            }
            i = found.end;
            if self.text[span.clone()] != *found.text {
                let text = found.text;
                edits.push(Edit { span, text });
            }
        }
        edits
    }

    /// A word in lower case; empty beyond the end and for what is no plain word.
    pub fn word(&self, i: usize) -> &str {
        match self.tokens.get(i) {
            Some(token) if token.clean => &token.lower,
            _ => "",
        }
    }

    /// Whether a word goes on from the one before it, with no mark but a hyphen between.
    pub fn joined(&self, i: usize) -> bool {
        matches!(self.gap(i), Gap::Space | Gap::Hyphen)
    }

    /// What stands before a word.
    pub fn gap(&self, i: usize) -> Gap {
        self.tokens.get(i).map_or(Gap::Other, |token| token.gap)
    }

    /// Whether a word goes on from the one before it and is one of these.
    pub fn next_is(&self, i: usize, words: &[&str]) -> bool {
        self.joined(i) && words.contains(&self.word(i))
    }

    /// The longest phrase of a kind at a word: its end and its value.
    pub fn phrase(&self, kind: &'static str, i: usize) -> Option<(usize, &'static str)> {
        let lexicon = &self.style.lexicon;
        let mut words = String::new();
        let mut best = None;
        for end in i..(i + lexicon.longest(kind)).min(self.tokens.len()) {
            if end > i {
                if !self.joined(end) {
                    break;
                }
                words.push(' ');
            }
            if !self.tokens[end].clean {
                break;
            }
            words.push_str(&self.tokens[end].lower);
            if let Some(value) = lexicon.phrase(kind, &words) {
                best = Some((end + 1, value));
            }
        }
        best
    }

    /// The first part of a word, as an index for [`Scan::part`].
    pub fn part_of(&self, token: usize) -> Option<usize> {
        let (from, to) = (*self.first.get(token)?, *self.first.get(token + 1)?);
        (from < to).then_some(from)
    }

    /// A part by its index.
    pub fn part(&self, p: usize) -> Option<Part> {
        self.parts.get(p).copied()
    }

    /// The part after another, if nothing stands between them. An ordinal ends its number.
    pub fn part_after(&self, p: usize) -> Option<Part> {
        let (part, next) = (self.part(p)?, self.part(p + 1)?);
        let grown = part.token == next.token;
        let adjacent = grown
            || part.token + 1 == next.token
                && self.joined(next.token)
                && !self.is_ordinal(part.token);
        adjacent.then_some(next)
    }

    /// Whether an ending makes a word an ordinal.
    pub fn is_ordinal(&self, i: usize) -> bool {
        self.ordinals.get(i).copied().unwrap_or(false)
    }

    /// Whether a word is a number, in words or digits.
    pub fn is_number(&self, i: usize) -> bool {
        let in_words = || self.part_of(i).and_then(|p| self.part(p));
        self.tokens.get(i).is_some_and(|token| {
            // The sign of `10.º` is a word of its own.
            token
                .text
                .chars()
                .any(|c| c.is_numeric() || matches!(c, 'º' | 'ª' | 'ᵉ'))
                || in_words().is_some_and(|part| part.atom != Atom::And)
        })
    }

    /// Whether the word before one is a number and goes on to it.
    pub fn after_number(&self, i: usize) -> bool {
        let between = |i: usize| &self.text[self.tokens[i - 1].span.end..self.tokens[i].span.start];
        // German ordinals have a point of their own: `101. hundert`.
        let goes_on =
            |i| self.joined(i) || self.style.tens == Tens::German && between(i).starts_with('.');
        i > 0 && i < self.tokens.len() && goes_on(i) && self.is_number(i - 1)
    }
}

/// The parts of a word, and whether it is an ordinal by its ending.
fn atoms(style: &Style, word: &str) -> (Vec<Atom>, bool) {
    let whole = style.lexicon.atoms(word).first().copied();
    if style.tens != Tens::German {
        return (whole.into_iter().collect(), false);
    }
    let mut atoms = match whole {
        Some(atom) => vec![atom],
        None => style.lexicon.compound(word),
    };
    let cardinal = match atoms.last() {
        Some(Atom::OrdinalEnding) => None,
        Some(Atom::Ordinal(value)) => u32::try_from(*value).ok(),
        _ => return (atoms, false),
    };
    atoms.pop();
    atoms.extend(cardinal.map(Atom::Number));
    (atoms, true)
}
