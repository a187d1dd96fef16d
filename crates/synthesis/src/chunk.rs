//! Cuts what is spoken into pieces for synthesis: sentences, then clauses, then words.
//!
//! The first piece is short, so that sound comes soon; later ones fill a budget, so that speech
//! keeps its melody. A cut never falls inside a word, nor inside what one written word is read as
//! (`$5`), unless that alone is over the budget. A piece that is cut between words is read to the
//! voice together with the words around it, so that its melody goes on.

use std::ops::Range;

use crate::spoken::{Token, is_han};

/// How long pieces may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Words in the first piece.
    pub first_words: usize,
    /// Cost of that first piece.
    pub first_cost: usize,
    /// Cost of any piece.
    pub cost: usize,
}

impl Default for Limits {
    /// Eight words and 50 characters at first, then 300: some 20 s of speech.
    fn default() -> Self {
        Self {
            first_words: 8,
            first_cost: 50,
            cost: 300,
        }
    }
}

/// Words that a piece is read with before it, where it begins amid a clause.
const WORDS_BEFORE: usize = 8;

/// And after it, where it ends amid a clause.
const WORDS_AFTER: usize = 4;

/// What may be cut behind a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// Nothing: inside a word, or before a mark.
    Never,
    /// Between two words.
    Word,
    /// Behind a comma and the like.
    Clause,
    /// Behind a sentence, or at the end of the text.
    Sentence,
}

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Tokens that are spoken.
    pub said: Range<usize>,
    /// Tokens that the voice reads: these, and those around them where it is cut between words.
    pub read: Range<usize>,
    /// What it ends with.
    pub end: Cut,
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

/// Pieces to speak one after the other: together all tokens, none empty, each within
/// `limits.cost` unless it is a single token.
pub fn chunks(tokens: &[Token], limits: Limits, cost: impl Fn(&Token) -> usize) -> Vec<Chunk> {
    let cuts = cuts(tokens);
    let costs: Vec<usize> = tokens.iter().map(cost).collect();
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut from = 0;
    while from < tokens.len() {
        let end = match chunks.is_empty() {
            true => first(tokens, &costs, &cuts, limits),
            false => next(from, &costs, &cuts, limits.cost),
        };
        chunks.push(Chunk {
            said: from..end,
            read: before(tokens, &cuts, from)..after(tokens, &cuts, end),
            end: cuts[end - 1],
        });
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

/// Where the first piece ends: behind the last clause within its limits, else behind the clause
/// that is a little longer, else between words.
fn first(tokens: &[Token], costs: &[usize], cuts: &[Cut], limits: Limits) -> usize {
    let within = |factor: f64| {
        let words = (limits.first_words as f64 * factor) as usize;
        let most = ((limits.first_cost as f64 * factor) as usize).min(limits.cost);
        let (mut count, mut cost) = (0, 0);
        let fits = tokens.iter().zip(costs).take_while(|(token, own)| {
            count += usize::from(!token.is_mark);
            cost += *own;
            count <= words && cost <= most
        });
        fits.count()
    };
    let last = |until: usize, least: Cut| {
        let mut places = cuts[..until].iter().enumerate().rev();
        let found = places.find(|(at, cut)| **cut >= least && has_words(&tokens[..=*at]));
        found.map(|(at, _)| at + 1)
    };
    let (near, far) = (within(1.0), within(1.3));
    last(near, Cut::Clause)
        .or_else(|| last(far, Cut::Clause))
        .or_else(|| last(near, Cut::Word))
        .unwrap_or_else(|| next(0, costs, cuts, limits.cost))
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

fn has_words(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| !token.is_mark)
}

/// Where reading begins for a piece that begins at `from`.
fn before(tokens: &[Token], cuts: &[Cut], from: usize) -> usize {
    let is_joined = |at: usize| cuts[at - 1] <= Cut::Word && from - at < WORDS_BEFORE;
    let mut start = from;
    while start > 0 && is_joined(start) && !tokens[start - 1].is_mark {
        start -= 1;
    }
    start
}

/// Where it ends for one that ends at `end`; marks behind the last word belong to it.
fn after(tokens: &[Token], cuts: &[Cut], end: usize) -> usize {
    let mut until = end;
    while until < tokens.len() && cuts[until - 1] <= Cut::Word && until - end < WORDS_AFTER {
        until += 1;
    }
    while until < tokens.len() && until > end && tokens[until].is_mark {
        until += 1;
    }
    until
}
