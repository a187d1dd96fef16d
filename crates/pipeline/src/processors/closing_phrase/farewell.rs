//! Whether a text ends with a goodbye, in any of our languages.

use crate::wording::{Wording, is_ideographic, plain};

/// Only so much of the end of a text is looked at, in bytes.
const END: usize = 600;
/// Words of the same clause that may follow: `see you on Monday at five`.
const WORDS: usize = 4;
/// Characters of the same clause that may follow in scripts without spaces.
const LETTERS: usize = 2;

/// Whether a text ends with a goodbye that is meant, with at most so many words after its clause.
/// "Before you say goodbye, one question." is none.
pub(super) fn is_farewell(text: &str, tail: usize) -> bool {
    let text = text.trim();
    let text = &text[text.ceil_char_boundary(text.len().saturating_sub(END))..];
    if text.ends_with(['?', '？']) {
        return false;
    }
    let is_end = |c: char| {
        matches!(
            c,
            ',' | ';' | ':' | '.' | '!' | '?' | '—' | '–' | '…' | '\n'
        ) || matches!(
            c,
            '。' | '，' | '、' | '！' | '？' | '；' | '：' | '।' | '～'
        )
    };
    let clauses: Vec<String> = text.split(is_end).map(plain).collect();
    let mut after = 0;
    for (at, clause) in clauses.iter().enumerate().rev() {
        if Wording::all().any(|(_, wording)| is_farewell_clause(clause, wording)) {
            // `say: goodbye` and `say "goodbye"` are no goodbyes either.
            let before = at.checked_sub(1).map_or("", |at| &clauses[at]);
            let is_said = |(_, wording): (_, &Wording)| at > 0 && guards(before, clause, wording);
            return !(clauses.len() > 1 && Wording::all().any(is_said));
        }
        after += words(clause);
        if after > tail {
            return false;
        }
    }
    false
}

/// Whether the words before a farewell make it none, though a mark stands between.
fn guards(before: &str, clause: &str, wording: &Wording) -> bool {
    let says = |word: &String| before.split(' ').next_back() == Some(word);
    wording.no_farewell_after.iter().any(says) && wording.farewells.iter().any(|f| f == clause)
}

fn words(clause: &str) -> usize {
    let signs = clause.chars().filter(|c| is_ideographic(*c)).count();
    clause.split_whitespace().count() + signs / 2
}

fn is_farewell_clause(clause: &str, wording: &Wording) -> bool {
    let core = without_lead(clause, wording);
    let alone = |known: &String| known == core || known == clause;
    wording.farewells_alone.iter().any(alone)
        || wording.farewells.iter().any(|known| {
            let begins = core.strip_prefix(known.as_str());
            begins.is_some_and(ends_soon)
                || clause.strip_suffix(known.as_str()).is_some_and(|before| {
                    let is_word = before.is_empty()
                        || before.ends_with(' ')
                        || before.ends_with(is_ideographic);
                    is_word && !is_guarded(before.trim_end(), wording)
                })
        })
}

/// Without acknowledgements before it: `okay yeah bye for now then`.
fn without_lead<'a>(clause: &'a str, wording: &Wording) -> &'a str {
    let mut rest = clause;
    loop {
        let lead = wording.acknowledgements.iter().filter_map(|known| {
            let after = rest.strip_prefix(known.as_str())?;
            after.strip_prefix(' ')
        });
        match lead.min_by_key(|after| after.len()) {
            Some(after) => rest = after,
            None => return rest,
        }
    }
}

/// Whether little of the clause follows a farewell.
fn ends_soon(rest: &str) -> bool {
    match rest.chars().next() {
        None => true,
        Some(' ') => rest.split_whitespace().count() <= WORDS,
        Some(c) => is_ideographic(c) && rest.chars().count() <= LETTERS,
    }
}

fn is_guarded(before: &str, wording: &Wording) -> bool {
    wording.no_farewell_after.iter().any(|word| {
        before.strip_suffix(word.as_str()).is_some_and(|rest| {
            rest.is_empty() || rest.ends_with(' ') || word.ends_with(is_ideographic)
        })
    })
}
