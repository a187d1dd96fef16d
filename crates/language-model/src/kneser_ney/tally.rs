//! How often each n-gram was seen: a sorted list, and a pile of new ones that is sorted into it.

use crate::ngrams::MAX_ORDER;

/// A reversed n-gram and its count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// Newest word first; zeros beyond its order.
    pub words: [u32; MAX_ORDER],
    pub count: u64,
}

/// The pile is sorted in when it is this big, or half as big as the list.
const PILE: usize = 1 << 20;

/// N-grams of one order.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    sorted: Vec<Counted>,
    pile: Vec<[u32; MAX_ORDER]>,
}

impl Tally {
    /// Counts an n-gram, given as spoken.
    pub(super) fn add(&mut self, ngram: &[u32]) {
        let mut words = [0; MAX_ORDER];
        for (to, from) in words.iter_mut().zip(ngram.iter().rev()) {
            *to = *from;
        }
        self.pile.push(words);
        if self.pile.len() >= PILE.max(self.sorted.len() / 2) {
            self.merge();
        }
    }

    /// How many different ones there are, those of the pile aside.
    pub(super) fn distinct(&self) -> usize {
        self.sorted.len()
    }

    /// All of them, sorted by their reversed words.
    pub(super) fn finish(mut self) -> Vec<Counted> {
        self.merge();
        self.sorted
    }

    fn merge(&mut self) {
        self.pile.sort_unstable();
        let mut fresh: Vec<Counted> = Vec::new();
        for words in self.pile.drain(..) {
            match fresh.last_mut() {
                Some(last) if last.words == words => last.count += 1,
                _ => fresh.push(Counted { words, count: 1 }),
            }
        }
        self.pile.shrink_to(PILE);
        let old = std::mem::take(&mut self.sorted);
        self.sorted = merged(old, fresh);
    }
}

/// Two sorted lists as one; counts of equal n-grams are added.
pub(super) fn merged(one: Vec<Counted>, other: Vec<Counted>) -> Vec<Counted> {
    if one.is_empty() {
        return other;
    }
    let mut out: Vec<Counted> = Vec::with_capacity(one.len() + other.len());
    let (mut one, mut other) = (one.into_iter().peekable(), other.into_iter().peekable());
    loop {
        let take_one = match (one.peek(), other.peek()) {
            (None, None) => return out,
            (Some(a), Some(b)) => a.words <= b.words,
            (a, _) => a.is_some(),
        };
        let next = if take_one { one.next() } else { other.next() };
        let next = next.expect("it was peeked at");
        match out.last_mut() {
            Some(last) if last.words == next.words => last.count += next.count,
            _ => out.push(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_over_several_piles() {
        let mut tally = Tally::default();
        for round in 0..3u32 {
            for i in 0..10 {
                tally.add(&[i % 4, i]);
                tally.add(&[9, round]);
            }
            tally.merge();
        }
        let counts = tally.finish();
        assert!(counts.is_sorted_by(|a, b| a.words < b.words));
        assert_eq!(counts.iter().map(|c| c.count).sum::<u64>(), 60);
        let five = counts.iter().find(|c| c.words[..2] == [5, 1]);
        assert_eq!(five.map(|c| c.count), Some(3));
    }
}
