//! Cuts what is spoken into pieces for synthesis: sentences, then clauses, then words.
//!
//! The first piece is short, so that sound comes soon; later ones fill a budget, so that speech
//! keeps its melody. A cut never falls inside a word, nor inside what one written word is read as
//! (`$5`), unless that alone is over the budget.

use std::ops::Range;

use crate::spoken::{Token, is_han};

/// How long pieces may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Words in the first piece, where a clause or sentence ends early enough.
    pub first_words: usize,
    /// Cost of that first piece.
    pub first_cost: usize,
    /// Cost of any piece.
    pub cost: usize,
}

impl Default for Limits {
    /// Eight words and 60 characters at first, then 300: some 20 s of speech.
    fn default() -> Self {
        Self {
            first_words: 8,
            first_cost: 60,
            cost: 300,
        }
    }
}

/// What may be cut behind a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cut {
    Never,
    Word,
    Clause,
    Sentence,
}

/// What a token costs by its characters and the space behind it: about as many phonemes as it has.
pub fn characters(token: &Token) -> usize {
    // A Chinese character is a syllable with its tone or some two kana, a kana about two sounds.
    let cost = |c: char| match c {
        '\u{3041}'..='\u{30ff}' => 2,
        c if is_han(c) => 5,
        _ => 1,
    };
    token.text.chars().map(cost).sum::<usize>() + usize::from(!token.is_mark)
}

/// Ranges of tokens to speak one after the other: together all of them, none empty, each within
/// `limits.cost` unless it is a single token.
pub fn chunks(
    tokens: &[Token],
    limits: Limits,
    cost: impl Fn(&Token) -> usize,
) -> Vec<Range<usize>> {
    let cuts = cuts(tokens);
    let costs: Vec<usize> = tokens.iter().map(cost).collect();
    let mut chunks: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    while from < tokens.len() {
        let end = match chunks.is_empty() {
            true => first(tokens, &costs, &cuts, limits),
            false => None,
        };
        let end = end.unwrap_or_else(|| next(from, &costs, &cuts, limits.cost));
        chunks.push(from..end);
        from = end;
    }
    chunks
}

/// The strength of the place behind each token.
fn cuts(tokens: &[Token]) -> Vec<Cut> {
    let mut cuts = vec![Cut::Never; tokens.len()];
    let (mut pending, mut has_word) = (Cut::Word, false);
    for (index, token) in tokens.iter().enumerate() {
        let own = match token.text.as_str() {
            _ if !token.is_mark => Cut::Word,
            "." | "!" | "?" | "…" => Cut::Sentence,
            "," | ";" | ":" | "—" => Cut::Clause,
            _ => Cut::Never,
        };
        pending = if token.is_mark { pending.max(own) } else { own };
        has_word |= !token.is_mark;
        let opens = matches!(token.text.as_str(), "(" | "“") && token.is_mark;
        let Some(following) = tokens.get(index + 1) else {
            cuts[index] = Cut::Sentence;
            break;
        };
        // Marks stay with the word before them, brackets and quotes with the words inside.
        let next_opens = following.is_mark && matches!(following.text.as_str(), "(" | "“");
        let one_written = !token.is_mark && !following.is_mark && token.source == following.source;
        cuts[index] = if !has_word || opens || one_written || (following.is_mark && !next_opens) {
            Cut::Never
        } else if next_opens {
            pending.max(Cut::Clause)
        } else {
            pending
        };
        if opens {
            pending = Cut::Word;
        }
    }
    cuts
}

/// Where the first piece ends: at the last clause within its limits, if one ends there.
fn first(tokens: &[Token], costs: &[usize], cuts: &[Cut], limits: Limits) -> Option<usize> {
    let (mut words, mut cost) = (0, 0);
    let mut end = None;
    for index in 0..tokens.len() {
        cost += costs[index];
        words += usize::from(!tokens[index].is_mark);
        if words > limits.first_words || cost > limits.first_cost.min(limits.cost) {
            break;
        }
        if cuts[index] >= Cut::Clause && words > 0 {
            end = Some(index + 1);
        }
    }
    if end.is_some() {
        return end;
    }
    // No early end: the first clause, however long, is sooner spoken than a whole budget.
    let mut cost = 0;
    for (index, own) in costs.iter().enumerate() {
        cost += own;
        if cost > limits.cost {
            return None;
        }
        if cuts[index] >= Cut::Clause && words > 0 {
            return Some(index + 1);
        }
    }
    None
}

/// Where a piece beginning at `from` ends: behind the last sentence that fits, else the last
/// clause, else the last word. A single token too long is a piece of its own.
fn next(from: usize, costs: &[usize], cuts: &[Cut], most: usize) -> usize {
    let mut best: Option<(Cut, usize)> = None;
    let mut cost: usize = 0;
    let mut fits = from;
    for index in from..costs.len() {
        cost = cost.saturating_add(costs[index]);
        if cost > most {
            break;
        }
        fits = index + 1;
        let cut = cuts[index];
        if cut > Cut::Never && best.is_none_or(|(kind, _)| cut >= kind) {
            best = Some((cut, index + 1));
        }
    }
    match best {
        Some((_, end)) => end,
        None => fits.max(from + 1),
    }
}
