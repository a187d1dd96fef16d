//! The number words of a language, read from its table in `data/itn`.
//!
//! A line is a kind, a word or phrase in lower case, and a value, separated by tabs.

use std::collections::{HashMap, HashSet};

/// What a word is inside a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Atom {
    /// Zero to ninety-nine, and the hundreds that are words of their own (`doscientos`).
    Number(u32),
    /// `hundred`.
    Hundred,
    /// Ten to the power of this.
    Scale(u32),
    /// `and` inside a number.
    And,
    /// An ordinal: `first`, `twentieth`, `hundredth`.
    Ordinal(u128),
    /// What makes the number word before it an ordinal (`zwanzig-ste`).
    OrdinalEnding,
}

/// The words of a language.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    atoms: HashMap<&'static str, Vec<Atom>>,
    phrases: HashMap<(&'static str, &'static str), &'static str>,
    /// First words of the phrases.
    begins: HashSet<&'static str>,
    /// Kinds and the greatest number of words in a phrase of theirs.
    longest: HashMap<&'static str, usize>,
    /// Longest word with an atom, in bytes.
    longest_atom: usize,
}

impl Lexicon {
    /// Reads a table; lines that are empty or begin with `#` are comments.
    pub fn new(table: &'static str) -> Self {
        let mut lexicon = Self::default();
        for line in table
            .lines()
            .filter(|l| !l.is_empty() && !l.starts_with('#'))
        {
            let mut fields = line.split('\t');
            let (Some(kind), Some(word)) = (fields.next(), fields.next()) else {
                continue;
            };
            let value = fields.next().unwrap_or_default();
            let number = || value.parse().unwrap_or_default();
            let atom = match kind {
                "number" => Atom::Number(number()),
                "hundred" => Atom::Hundred,
                "scale" => Atom::Scale(number()),
                "and" => Atom::And,
                "ordinal" => Atom::Ordinal(value.parse().unwrap_or_default()),
                "ending" => Atom::OrdinalEnding,
                _ => {
                    lexicon.phrases.insert((kind, word), value);
                    lexicon.begins.extend(word.split(' ').next());
                    let longest = lexicon.longest.entry(kind).or_default();
                    *longest = (*longest).max(word.split(' ').count());
                    continue;
                }
            };
            lexicon.atoms.entry(word).or_default().push(atom);
            lexicon.longest_atom = lexicon.longest_atom.max(word.len());
        }
        lexicon
    }

    /// What a whole word is.
    pub fn atoms(&self, word: &str) -> &[Atom] {
        self.atoms.get(word).map_or(&[], Vec::as_slice)
    }

    /// The value of a phrase of a kind (`unit`, `month`, `before`, ...).
    pub fn phrase(&self, kind: &'static str, words: &str) -> Option<&'static str> {
        // The key's lifetimes are those of the table; a lookup borrows for less.
        let phrases: &HashMap<(&str, &str), &'static str> = &self.phrases;
        phrases.get(&(kind, words)).copied()
    }

    /// Whether something a rule reads may begin with a word: a number or a phrase. Words that
    /// only a language's own rules begin with are in its table as `start`.
    pub fn begins(&self, word: &str) -> bool {
        self.begins.contains(word)
    }

    /// Most words in a phrase of a kind.
    pub fn longest(&self, kind: &str) -> usize {
        self.longest.get(kind).copied().unwrap_or(0)
    }

    /// Whether there are phrases of a kind.
    pub fn has(&self, kind: &str) -> bool {
        self.longest.contains_key(kind)
    }

    /// A compound cut into its parts (`ein-und-zwanzig`), longest part first; empty when some of
    /// it is no number word.
    pub fn compound(&self, word: &str) -> Vec<Atom> {
        // The longest number words stay far below this; what is longer is none.
        const LONGEST: usize = 160;
        let mut parts = Vec::new();
        let mut steps = 0;
        if word.len() > LONGEST || !self.cut(word, &mut parts, &mut steps) {
            parts.clear();
        }
        parts
    }

    fn cut(&self, rest: &str, parts: &mut Vec<Atom>, steps: &mut usize) -> bool {
        *steps += 1;
        if rest.is_empty() {
            return true;
        }
        if *steps > 2000 {
            return false;
        }
        for end in (1..=rest.len().min(self.longest_atom)).rev() {
            let Some(head) = rest.get(..end) else {
                continue;
            };
            // The ending is one only behind a number.
            let atom = self.atoms(head).iter().find(|atom| match atom {
                Atom::OrdinalEnding => end == rest.len() && !parts.is_empty(),
                Atom::Ordinal(_) => end == rest.len(),
                _ => true,
            });
            if let Some(&atom) = atom {
                parts.push(atom);
                if self.cut(&rest[end..], parts, steps) {
                    return true;
                }
                parts.pop();
            }
        }
        false
    }
}
