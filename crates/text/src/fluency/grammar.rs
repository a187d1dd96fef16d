//! Errors of English grammar that a table of patterns finds.
//!
//! `data/fluency/grammar-en.tsv` holds the patterns and says how they are written. They are those
//! errors of learners that stand within a few words of one another; most others go unseen, so the
//! score compares speakers and does not mark them.

use super::words::{Word, words};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

/// An error, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrammarError {
    /// What is wrong, such as `subject-verb`.
    pub name: &'static str,
    /// Words of the text, counted from 0.
    pub words: Range<usize>,
}

/// The errors found in an English text, in order, without overlaps.
pub fn grammar_errors(text: &str) -> Vec<GrammarError> {
    errors(&words(text).iter().collect::<Vec<_>>())
}

/// What a word of a pattern may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// One of some words: an index into the table's sets.
    One(usize),
    /// The same, or nothing.
    Perhaps(usize),
    /// None of them stands before.
    NotBefore(usize),
    /// None of them stands next, in the same clause.
    NotNext(usize),
    /// A clause begins: the text, a mark, or a conjunction is before.
    Begin,
    /// A clause ends, or a word follows that no noun phrase goes on with.
    End,
}

struct Pattern {
    name: &'static str,
    slots: Vec<Slot>,
}

#[derive(Default)]
struct Table {
    patterns: Vec<Pattern>,
    sets: Vec<HashSet<&'static str>>,
    classes: HashMap<&'static str, HashSet<&'static str>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for line in include_str!("../../data/fluency/grammar-en.tsv").lines() {
        match line.split_once('\t') {
            None => {}
            Some((class, members)) if class.starts_with('@') => {
                let known = table.classes.entry(class).or_default();
                known.extend(members.split(' '));
            }
            Some((name, pattern)) => {
                let slots = pattern.split(' ').map(|slot| table.slot(slot)).collect();
                table.patterns.push(Pattern { name, slots });
            }
        }
    }
    table
});

impl Table {
    fn slot(&mut self, written: &'static str) -> Slot {
        let (kind, alternatives): (fn(usize) -> Slot, _) = match written.split_at(1) {
            ("^", "") => return Slot::Begin,
            ("$", "") => return Slot::End,
            ("?", rest) => (Slot::Perhaps, rest),
            ("!", rest) => (Slot::NotBefore, rest),
            ("~", rest) => (Slot::NotNext, rest),
            _ => (Slot::One, written),
        };
        let mut set = HashSet::new();
        for word in alternatives.split('|') {
            match self.classes.get(word) {
                Some(class) => set.extend(class),
                None => {
                    set.insert(word);
                }
            }
        }
        self.sets.push(set);
        kind(self.sets.len() - 1)
    }

    fn is(&self, class: &str, word: &str) -> bool {
        self.classes
            .get(class)
            .is_some_and(|set| set.contains(word))
    }

    /// The word after a pattern that begins at a word.
    fn matches(&self, slots: &[Slot], words: &[&Word], from: usize) -> Option<usize> {
        let mut at = from;
        for (i, slot) in slots.iter().enumerate() {
            let next = words.get(at);
            // A pattern does not reach over the end of a clause.
            let joined = at == from || words.get(at - 1).is_some_and(|w| !w.ends_clause);
            let has = |set: usize| next.is_some_and(|w| joined && self.holds(set, &w.lower));
            let fits = match *slot {
                Slot::One(set) => {
                    at += 1;
                    has(set)
                }
                Slot::Perhaps(set) => {
                    if has(set) {
                        return self
                            .matches_rest(slots, i + 1, words, at + 1)
                            .or_else(|| self.matches_rest(slots, i + 1, words, at));
                    }
                    true
                }
                Slot::NotBefore(set) => !at
                    .checked_sub(1)
                    .is_some_and(|b| !words[b].ends_clause && self.holds(set, &words[b].lower)),
                Slot::NotNext(set) => !has(set),
                Slot::Begin => at.checked_sub(1).is_none_or(|b| {
                    words[b].ends_clause || self.is("@conjunction", &words[b].lower)
                }),
                Slot::End => !joined || next.is_none_or(|word| self.is("@after-noun", &word.lower)),
            };
            if !fits {
                return None;
            }
        }
        Some(at)
    }

    /// The rest of a pattern within the same clause.
    fn matches_rest(&self, slots: &[Slot], i: usize, words: &[&Word], at: usize) -> Option<usize> {
        let broken = at > 0 && words.get(at - 1).is_some_and(|w| w.ends_clause);
        let goes_on = slots[i..].iter().any(|slot| matches!(slot, Slot::One(_)));
        match broken && goes_on {
            true => None,
            false => self.matches(&slots[i..], words, at),
        }
    }

    fn holds(&self, set: usize, word: &str) -> bool {
        self.sets.get(set).is_some_and(|set| set.contains(word))
    }
}

/// Errors among words, hesitation already taken out.
pub(super) fn errors(words: &[&Word]) -> Vec<GrammarError> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let found = TABLE.patterns.iter().find_map(|pattern| {
            let end = TABLE.matches(&pattern.slots, words, at)?;
            (end > at).then_some((pattern.name, end))
        });
        let Some((name, end)) = found.or_else(|| article(words, at).map(|end| ("article", end)))
        else {
            at += 1;
            continue;
        };
        out.push(GrammarError {
            name,
            words: at..end,
        });
        at = end;
    }
    out
}

/// `a` before a vowel's sound or `an` before a consonant's. Letters and initials are left alone:
/// how they are said is not known (`an MRI`, `a URL`).
fn article(words: &[&Word], at: usize) -> Option<usize> {
    let next = words.get(at + 1).filter(|_| !words[at].ends_clause)?;
    let plain = next.lower.chars().all(|c| c.is_ascii_lowercase()) && next.lower.len() > 2;
    if !plain || next.capital {
        return None;
    }
    let begins = |class: &str| {
        let prefixes = TABLE.classes.get(class);
        prefixes.is_some_and(|set| set.iter().any(|p| next.lower.starts_with(p)))
    };
    let vowel = match next.lower.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => !begins("@said-with-consonant"),
        false => begins("@said-with-vowel"),
    };
    let wrong = match words[at].lower.as_str() {
        "a" => vowel,
        "an" => !vowel,
        _ => false,
    };
    wrong.then_some(at + 2)
}

/// Whether a word is a number word.
pub(super) fn is_number(word: &str) -> bool {
    TABLE.is("@number", word) || matches!(word, "one" | "zero" | "oh" | "hundred" | "thousand")
}
