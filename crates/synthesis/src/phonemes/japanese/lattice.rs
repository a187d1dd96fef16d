//! Cuts a text into the dictionary's words: the cheapest path by the costs of words and of their
//! neighbourhood (Viterbi), with words made up for what is not listed.

use std::ops::Range;

use super::dictionary::{Class, Dictionary, Entry};

/// Longest run of one kind of character taken for one unknown word, as MeCab has it.
const LONGEST_UNKNOWN: usize = 24;

/// A word of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Morpheme {
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
    pub class: Class,
    /// In katakana; empty where the dictionary does not say.
    pub sounds: String,
}

/// A word that may stand at a place, with the cheapest way there.
struct Node {
    start: usize,
    entry: Entry,
    cost: i64,
    /// The node before it among those that end where it starts.
    before: usize,
}

/// The words of a text without spaces and marks; at `fixed` stand words that are known and not
/// looked into, in order. Time grows with its length.
pub(super) fn cut(dictionary: &Dictionary, text: &str, fixed: &[Range<usize>]) -> Vec<Morpheme> {
    // Nodes by where they end.
    let mut ending: Vec<Vec<Node>> = Vec::new();
    ending.resize_with(text.len() + 1, Vec::new);
    let place = |ending: &mut Vec<Vec<Node>>, start: usize, end: usize, entries: &[Entry]| {
        for entry in entries {
            let cheapest = if start == 0 {
                Some((0, dictionary.cost(0, entry.left)))
            } else {
                let before = ending[start].iter().enumerate();
                let costs = before.map(|(at, node)| {
                    (
                        at,
                        node.cost + dictionary.cost(node.entry.right, entry.left),
                    )
                });
                costs.min_by_key(|(_, cost)| *cost)
            };
            let Some((before, cost)) = cheapest else {
                return;
            };
            ending[end].push(Node {
                start,
                entry: *entry,
                cost: cost + i64::from(entry.cost),
                before,
            });
        }
    };
    let mut next = 0;
    for (start, character) in text.char_indices() {
        if start > 0 && ending[start].is_empty() {
            continue;
        }
        while next < fixed.len() && fixed[next].end <= start {
            next += 1;
        }
        let mut rest = &text[start..];
        if let Some(range) = fixed.get(next) {
            if range.start <= start {
                if range.start == start {
                    let entries = dictionary.unknown(&dictionary.kind('ア'));
                    place(&mut ending, start, range.end, entries);
                }
                continue;
            }
            rest = &text[start..range.start];
        }
        let mut any = false;
        for (length, entries) in dictionary.prefixes(rest) {
            if length > 0 && rest.is_char_boundary(length) && !entries.is_empty() {
                place(&mut ending, start, start + length, entries);
                any = true;
            }
        }
        let kind = dictionary.kind(character);
        if any && !kind.invoke {
            continue;
        }
        let entries = dictionary.unknown(&kind);
        let ends: Vec<usize> = rest
            .char_indices()
            .take_while(|(_, c)| dictionary.kind(*c).is_like(&kind))
            .take(LONGEST_UNKNOWN)
            .map(|(at, c)| start + at + c.len_utf8())
            .collect();
        let mut lengths: Vec<usize> = ends.iter().copied().take(kind.length).collect();
        if kind.group {
            lengths.extend(ends.last());
        }
        lengths.dedup();
        if lengths.is_empty() && !any {
            lengths.push(start + character.len_utf8());
        }
        for end in lengths {
            place(&mut ending, start, end, entries);
        }
    }
    best(dictionary, &ending, text.len())
}

/// The cheapest path, from its end.
fn best(dictionary: &Dictionary, ending: &[Vec<Node>], length: usize) -> Vec<Morpheme> {
    let mut end = length;
    let last = ending[end].iter().enumerate();
    let mut at = last
        .min_by_key(|(_, node)| node.cost + dictionary.cost(node.entry.right, 0))
        .map(|(at, _)| at);
    let mut path = Vec::new();
    while let Some(node) = at.and_then(|at| ending[end].get(at)) {
        path.push(Morpheme {
            start: node.start,
            end,
            class: node.entry.class,
            sounds: dictionary.sounds(&node.entry).to_owned(),
        });
        end = node.start;
        at = Some(node.before).filter(|_| end > 0);
    }
    path.reverse();
    path
}
