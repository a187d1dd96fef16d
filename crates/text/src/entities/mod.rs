//! Entities of a text: amounts, dates, times, telephone numbers, e-mail addresses and account
//! numbers by rules; names by a few phrases that introduce them, or as a model found them.
//!
//! Rules read the text with its numbers written ([`crate::itn`]), so `twelve hundred dollars` and
//! `$1200` are found alike; spans are always those of the text as given. `docs/entities.md` says
//! what is found in which language, and how well.

mod address;
mod cjk;
mod date;
mod introduced;
mod lexicon;
mod money;
mod number;
mod place;
#[cfg(test)]
mod tests;
mod time;
mod token;

pub use place::spoken_at;

use crate::itn;
use lexicon::Lexicon;
use place::Places;
use std::ops::Range;
use token::{Token, tokens};

/// What an entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntityKind {
    /// A person's name.
    Person,
    /// A company, an institution, a team.
    Org,
    /// A country, a town, a region, a building.
    Place,
    /// An amount of money.
    Money,
    /// A day, a month, a year.
    Date,
    /// A time of the day.
    Time,
    /// A telephone number.
    Phone,
    /// An e-mail address, written or spoken.
    Email,
    /// The number of an account, a card, an order, a claim.
    Account,
}

impl EntityKind {
    /// As answers name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "PERSON",
            Self::Org => "ORG",
            Self::Place => "PLACE",
            Self::Money => "MONEY",
            Self::Date => "DATE",
            Self::Time => "TIME",
            Self::Phone => "PHONE",
            Self::Email => "EMAIL",
            Self::Account => "ACCOUNT",
        }
    }
}

/// Somebody or something named in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// What it is.
    pub kind: EntityKind,
    /// As it stands in the text.
    pub value: String,
    /// Where, in Unicode characters (code points) of the text.
    pub span: Range<usize>,
}

/// A name that a model found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// What it is.
    pub kind: EntityKind,
    /// Where, in bytes of the text, on character boundaries.
    pub span: Range<usize>,
}

/// What a rule found: the token after it.
type Found = (EntityKind, usize);

/// The entities that rules find in a text, in order, without overlaps. `language` is an ISO 639-1
/// code; without rules for it, what is written in digits and signs is still found.
pub fn entities(text: &str, language: &str) -> Vec<Entity> {
    with_names(text, language, &[])
}

/// The same, with the names that a model found in the text. Where they overlap with what a rule
/// found, the rule's entity stays, but for names that a phrase introduces. Names whose span is not
/// on character boundaries of the text are left out.
pub fn with_names(text: &str, language: &str, names: &[Name]) -> Vec<Entity> {
    let mut found = ruled(text, language);
    let introduced = introduced::names(text, language);
    for name in names.iter().chain(&introduced) {
        let within = !name.span.is_empty() && text.get(name.span.clone()).is_some();
        let free = |(_, span): &(_, Range<usize>)| {
            span.end <= name.span.start || name.span.end <= span.start
        };
        if within && found.iter().all(free) {
            found.push((name.kind, name.span.clone()));
        }
    }
    found.sort_by_key(|(_, span)| span.start);
    let mut chars = 0;
    let mut byte = 0;
    found
        .into_iter()
        .map(|(kind, span)| {
            let value = text[span.clone()].to_owned();
            chars += text[byte..span.start].chars().count();
            byte = span.start;
            let length = value.chars().count();
            Entity {
                kind,
                value,
                span: chars..chars + length,
            }
        })
        .collect()
}

/// What rules find: kind, and bytes of the text as given.
fn ruled(text: &str, language: &str) -> Vec<(EntityKind, Range<usize>)> {
    let edits = itn::edits(text, language);
    let written = itn::apply(text, &edits);
    let places = Places::new(&edits);
    let lexicon = Lexicon::of(language);
    let tokens = tokens(&written);
    let mut out: Vec<(EntityKind, Range<usize>)> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let Some((kind, end)) = at(&tokens, i, &lexicon).filter(|&(_, end)| end > i) else {
            i += 1;
            continue;
        };
        let mut span = tokens[i].span.start..tokens[end - 1].span.end;
        // `(415) 555-0123`
        if written[..span.start].ends_with('(') && written[span.clone()].contains(')') {
            span.start -= 1;
        }
        out.push((kind, span));
        i = end;
    }
    for (kind, span) in cjk::entities(&written) {
        if out
            .iter()
            .all(|(_, other)| other.end <= span.start || span.end <= other.start)
        {
            out.push((kind, span));
        }
    }
    out.sort_by_key(|(_, span)| span.start);
    let mut last = 0;
    out.into_iter()
        .map(|(kind, span)| (kind, places.given(span)))
        .filter(|(_, span)| {
            let free = span.start >= last && !span.is_empty() && text.get(span.clone()).is_some();
            last = if free { span.end } else { last };
            free
        })
        .collect()
}

/// The longest thing that begins at a token; of equally long ones the first rule's.
fn at(tokens: &[Token<'_>], i: usize, lexicon: &Lexicon) -> Option<Found> {
    let rules = [
        address::email,
        money::money,
        number::number,
        date::date,
        time::time,
    ];
    let mut best: Option<Found> = None;
    for found in rules.iter().filter_map(|rule| rule(tokens, i, lexicon)) {
        if best.is_none_or(|best| found.1 > best.1) {
            best = Some(found);
        }
    }
    best
}
