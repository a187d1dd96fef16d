//! Names that a phrase introduces: `my name is Diana`, `this is Diana from American Amicable`,
//! `Dr. Brown`, `Acme Insurance`. English only.

use super::token::{Token, tokens};
use super::{EntityKind, Name};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Longest name, words.
const LONGEST: usize = 4;

static WORDS: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    include_str!("../../data/entities/introduced-en.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
        .map(|(class, words)| (class, words.split(' ').collect()))
        .collect()
});

fn is(class: &str, word: &str) -> bool {
    WORDS.get(class).is_some_and(|words| words.contains(&word))
}

/// Names in a text; bytes.
pub(super) fn names(text: &str, language: &str) -> Vec<Name> {
    if language != "en" {
        return Vec::new();
    }
    let tokens = tokens(text);
    let cased = text.chars().any(char::is_uppercase);
    let mut out = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let Some((kind, from, end)) = introduced(&tokens, i, cased).or_else(|| company(&tokens, i))
        else {
            i += 1;
            continue;
        };
        out.push(Name {
            kind,
            span: tokens[from].span.start..tokens[end - 1].span.end,
        });
        // `from` may introduce a company right after a person.
        i = end;
    }
    out
}

/// The words of a name that begins at a token, one at least.
fn name(tokens: &[Token<'_>], from: usize, cased: bool, longest: usize) -> Option<usize> {
    let part = |token: &Token<'_>| {
        let letters = token
            .text
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '.'));
        let good = if cased {
            token.capital()
        } else {
            !is("never", &token.lower)
        };
        letters && good && !is("never-first", &token.lower)
    };
    let mut end = from;
    while end < tokens.len() && end < from + longest && part(&tokens[end]) {
        end += 1;
        if !tokens[end - 1].goes_on() && !is("title", &tokens[end - 1].lower) {
            break;
        }
    }
    (end > from).then_some(end)
}

fn introduced(tokens: &[Token<'_>], i: usize, cased: bool) -> Option<(EntityKind, usize, usize)> {
    let lower = |i: usize| tokens.get(i).map_or("", |t| t.lower.as_str());
    // Lower-case text has nothing but the phrase to go by, so a name there is one word.
    let longest = if cased { LONGEST } else { 1 };
    let before = |back: usize| i.checked_sub(back).map_or("", lower);
    let named = (before(3), before(2), before(1));
    let my_name = matches!(
        named,
        (_, "name", "is") | (_, "name's", _) | ("name", "is", "uh" | "um")
    ) || before(1) == "name's";
    let follows = lower(i + 1);
    let this_is = matches!((before(2), before(1)), ("this", "is"))
        && (cased || matches!(follows, "from" | "with" | "calling" | "speaking"));
    let speaking = matches!(
        (before(3), before(2), before(1)),
        ("speaking", "with", _) | ("speak", "with", _)
    ) && is("title", before(1));
    if is("title", &tokens[i].lower)
        && tokens[i].after.trim_matches('.').is_empty()
        && i + 1 < tokens.len()
    {
        let end = name(tokens, i + 1, cased, 2)?;
        return Some((EntityKind::Person, i + 1, end));
    }
    if my_name || this_is || speaking {
        let end = name(tokens, i, cased, longest)?;
        let kind = match is("company", lower(end - 1)) {
            true => EntityKind::Org,
            false => EntityKind::Person,
        };
        return Some((kind, i, end));
    }
    // `Diana from American Amicable`, `calling from Acme`.
    let from = cased && before(1) == "from" && (before(2) == "calling" || presented(tokens, i));
    if from {
        let end = name(tokens, i, cased, LONGEST)?;
        return Some((EntityKind::Org, i, end));
    }
    None
}

/// Whether `this is NAME from` or `name is NAME from` stands before a token.
fn presented(tokens: &[Token<'_>], i: usize) -> bool {
    let words = &tokens[i.saturating_sub(6)..i];
    words.windows(2).any(|w| {
        matches!(
            (w[0].lower.as_str(), w[1].lower.as_str()),
            ("this" | "name", "is")
        )
    }) && words.iter().all(|w| w.goes_on_or_comma())
}

/// Capitals up to a word that companies end with: `Acme Insurance`, `First National Bank`.
fn company(tokens: &[Token<'_>], i: usize) -> Option<(EntityKind, usize, usize)> {
    if !tokens[i].capital() || is("never-first", &tokens[i].lower) {
        return None;
    }
    let mut found = None;
    for end in i + 1..tokens.len().min(i + LONGEST + 1) {
        let token = &tokens[end];
        if !tokens[end - 1].goes_on_or_comma() || !token.capital() {
            break;
        }
        if is("company", token.lower.trim_end_matches('.')) {
            found = Some((EntityKind::Org, i, end + 1));
        }
    }
    found
}
