//! Backing off: the probability of a word after a history, whatever the table's layout.

use std::hash::{Hash, Hasher};

use crate::ngrams::MAX_ORDER;

/// Words of history that a state can hold.
const HISTORY: usize = MAX_ORDER - 1;

/// The lowest log10 value that is given out: damaged files must not make infinities.
const FLOOR: f32 = -1000.0;

/// What the model remembers of the words so far: only as many as can still matter, so that
/// hypotheses with equal states may be merged. `State::default()` remembers nothing, as in the
/// middle of a sentence; the beginning of one is [`crate::LanguageModel::begin`].
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// Newest first.
    words: [u32; HISTORY],
    /// log10, of the n-grams that end with the newest word.
    backoffs: [f32; HISTORY],
    length: u8,
}

impl State {
    fn history(&self) -> &[u32] {
        &self.words[..usize::from(self.length)]
    }
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.history() == other.history()
    }
}

impl Eq for State {}

impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.history().hash(hasher);
    }
}

/// A word's probability and the state after it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// Natural logarithm of P(word | state); finite, at most 0.
    pub ln_prob: f32,
    /// After the word.
    pub state: State,
    /// Whether the vocabulary has the word; else the probability is that of `<unk>`.
    pub known: bool,
}

/// An n-gram as found in a table; values are log10 as stored.
pub(crate) struct Found<N> {
    pub prob: f32,
    pub backoff: f32,
    /// Where longer n-grams, with one more word of history, are.
    pub node: N,
    /// Surely no longer n-gram exists.
    pub last: bool,
}

/// A table of n-grams, walked from the newest word into the history.
pub(crate) trait Table {
    /// A place in the table.
    type Node: Copy;

    /// The word alone.
    fn unigram(&self, bytes: &[u8], word: u32) -> Found<Self::Node>;

    /// `level` 0 for bigrams: the n-gram that has `word` before those of `node`.
    fn middle(
        &self,
        bytes: &[u8],
        level: usize,
        word: u32,
        node: Self::Node,
    ) -> Option<Found<Self::Node>>;

    /// log10 of the n-gram of highest order.
    fn longest(&self, bytes: &[u8], word: u32, node: Self::Node) -> Option<f32>;
}

/// log10 P(word | state), and the state after it (Heafield 2011, section 4).
pub(crate) fn score<T: Table>(
    table: &T,
    bytes: &[u8],
    order: usize,
    state: &State,
    word: u32,
) -> (f32, State) {
    let history = state.history();
    let history = &history[..history.len().min(order - 1)];
    let alone = table.unigram(bytes, word);
    let mut next = State::default();
    next.words[0] = word;
    next.backoffs[0] = alone.backoff;
    next.length = u8::from(extends(alone.backoff));
    let (mut prob, mut node, mut last) = (alone.prob, alone.node, alone.last);
    let mut matched = 1;
    for (i, &before) in history.iter().enumerate() {
        if last {
            break;
        }
        if i == order - 2 {
            if let Some(longest) = table.longest(bytes, before, node) {
                prob = longest;
                matched = order;
            }
            break;
        }
        let Some(found) = table.middle(bytes, i, before, node) else {
            break;
        };
        (prob, node, last) = (found.prob, found.node, found.last);
        matched = i + 2;
        next.backoffs[i + 1] = found.backoff;
        if extends(found.backoff) {
            next.length = u8::try_from(matched).expect("orders are small");
        }
    }
    let kept = usize::from(next.length);
    if kept > 1 {
        next.words[1..kept].copy_from_slice(&history[..kept - 1]);
    }
    let mut sum = sane(prob);
    if matched <= history.len() {
        for &backoff in &state.backoffs[matched - 1..history.len()] {
            sum += sane(backoff);
        }
    }
    (sum.clamp(FLOOR, 0.0), next)
}

/// The state after `<s>`.
pub(crate) fn begin<T: Table>(table: &T, bytes: &[u8], word: u32) -> State {
    let mut state = State::default();
    state.words[0] = word;
    state.backoffs[0] = table.unigram(bytes, word).backoff;
    state.length = 1;
    state
}

/// KenLM marks n-grams that no longer one begins with, and that need no backoff, with -0.0.
fn extends(backoff: f32) -> bool {
    backoff.to_bits() != (-0.0f32).to_bits()
}

/// A number, and a possible one: NaN becomes the floor, as it would not with `clamp`.
#[allow(clippy::manual_clamp)]
fn sane(log10: f32) -> f32 {
    log10.max(FLOOR).min(-FLOOR)
}
