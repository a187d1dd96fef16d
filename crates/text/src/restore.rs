//! Capitals and a mark at the end, for a text that has none at all.
//!
//! Next to nothing can be known about a text's clauses without a model; its beginning, its end,
//! the English `I` and whether it asks something can. The words it needs are in
//! `data/restore.tsv`.

use crate::chars::{ends_clause, ends_sentence, is_ideographic, is_word};
use crate::itn::Edit;

const TABLE: &str = include_str!("../data/restore.tsv");

/// Whether a text of several words shows neither punctuation nor a capital.
pub(crate) fn is_bare(text: &str) -> bool {
    let several = text.split_whitespace().nth(1).is_some()
        || text.chars().filter(|c| is_ideographic(*c)).count() >= 4;
    several
        && !text
            .chars()
            .any(|c| ends_sentence(c) || ends_clause(c) || c.is_uppercase())
}

/// What to change in a bare text: capitals, and a mark at its end (and, in Spanish, beginning).
pub(crate) fn edits(text: &str, language: &str) -> Vec<Edit> {
    let end = text.trim_end().len();
    let (opening, closing) = marks(text, language);
    let mut edits: Vec<Edit> = capitals(text, language)
        .into_iter()
        .filter_map(|at| {
            let c = text[at..].chars().next()?;
            let capital = c.to_uppercase().to_string();
            let span = at..at + c.len_utf8();
            Some(Edit {
                span,
                text: capital,
            })
        })
        .collect();
    match edits.first_mut() {
        Some(first) => first.text.insert_str(0, opening),
        None => return edits,
    }
    let span = end..text.len();
    edits.push(Edit {
        span,
        text: closing.into(),
    });
    edits
}

/// The mark a text begins with, where the language has one, and the one it ends with.
fn marks(text: &str, language: &str) -> (&'static str, &'static str) {
    let find = |kind: &str| {
        lines(language, kind)
            .next()
            .or_else(|| lines("*", kind).next())
    };
    if asks(text, language) {
        (
            lines(language, "opening").next().unwrap_or(""),
            find("question").unwrap_or("?"),
        )
    } else {
        ("", find("statement").unwrap_or("."))
    }
}

fn asks(text: &str, language: &str) -> bool {
    let text = text.trim().to_lowercase();
    let first = text.split_whitespace().next().unwrap_or_default();
    let words = |kind| lines(language, kind).flat_map(|words| words.split(' '));
    words("first").any(|word| first == word)
        || words("begins").any(|begin| text.starts_with(begin))
        || words("ends").any(|end| text.ends_with(end))
        || words("holds").any(|word| text.split_whitespace().any(|w| w == word))
        || words("within").any(|part| text.contains(part))
}

/// The third columns of the lines of a language and a kind.
fn lines(language: &str, kind: &str) -> impl Iterator<Item = &'static str> {
    TABLE.lines().filter_map(move |line| {
        let mut fields = line.split('\t');
        (fields.next()? == language && fields.next()? == kind).then(|| fields.next())?
    })
}

/// Where a text of small letters needs capitals, in order.
fn capitals(text: &str, language: &str) -> Vec<usize> {
    let first = text
        .char_indices()
        .find(|(_, c)| is_word(*c))
        .map(|(at, _)| at);
    let mut places: Vec<usize> = first.into_iter().collect();
    if language == "en" {
        let mut at = 0;
        for token in text.split(char::is_whitespace) {
            let alone = matches!(
                token,
                "i" | "i'm" | "i'll" | "i've" | "i'd" | "i’m" | "i’ll" | "i’ve" | "i’d"
            );
            if alone && Some(at) != first {
                places.push(at);
            }
            at += token.len();
            at += text[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    places
}
