//! Estimates a model from text: interpolated modified Kneser-Ney smoothing (Chen and Goodman 1998,
//! section 4; in the form of Heafield et al. 2013, section 3), unpruned.

mod adjust;
mod estimate;
mod tally;

use std::collections::HashMap;

use crate::error::LmError;
use crate::ngrams::MAX_ORDER;
use tally::Tally;

pub use estimate::Discounts;

/// Bytes that estimating takes at most for a different n-gram of the highest order: its count, the
/// shorter ones in it, the estimates and the file.
const BYTES_PER_NGRAM: u64 = 400;

const BEGIN: u32 = 1;
const END: u32 = 2;

/// Counts the n-grams of sentences, then estimates a model of them.
#[derive(Debug)]
pub struct Counter {
    order: usize,
    ids: HashMap<String, u32>,
    words: Vec<String>,
    /// Runs of `order` words.
    full: Tally,
    /// By order: beginnings of sentences that are shorter than that.
    beginnings: Vec<Tally>,
    sentences: u64,
    tokens: u64,
    most: usize,
    memory: u64,
}

/// A model and how it came about.
#[derive(Debug)]
pub struct Estimated {
    /// The model.
    pub ngrams: crate::NGrams,
    /// Unigrams first.
    pub discounts: Vec<Discounts>,
}

impl Counter {
    /// Counts n-grams of up to `order` words; refuses more text when estimating could take more
    /// than `memory` bytes.
    ///
    /// # Errors
    /// [`LmError::NGrams`] for an order other than 2 to [`MAX_ORDER`].
    pub fn new(order: usize, memory: u64) -> Result<Self, LmError> {
        if !(2..=MAX_ORDER).contains(&order) {
            return Err(LmError::NGrams(format!(
                "the order is {order}; 2 to {MAX_ORDER} can be made"
            )));
        }
        let words = ["<unk>", "<s>", "</s>"].map(str::to_owned).to_vec();
        Ok(Self {
            order,
            ids: words.iter().cloned().zip(0..).collect(),
            words,
            full: Tally::default(),
            beginnings: vec![Tally::default(); order],
            sentences: 0,
            tokens: 0,
            most: usize::try_from(memory / BYTES_PER_NGRAM).unwrap_or(usize::MAX),
            memory,
        })
    }

    /// Counts a sentence: words, as they should be looked up, between white space. Sentence
    /// markers and `<unk>` are left out; a sentence without words is none.
    ///
    /// # Errors
    /// [`LmError::NGrams`] when there are too many different n-grams for the memory.
    pub fn add(&mut self, sentence: &str) -> Result<(), LmError> {
        let mut ids = vec![BEGIN];
        for word in sentence.split_whitespace() {
            match self.ids.get(word) {
                Some(0..=END) => {}
                Some(id) => ids.push(*id),
                None => ids.push(self.enter(word)?),
            }
        }
        if ids.len() == 1 {
            return Ok(());
        }
        self.sentences += 1;
        self.tokens += ids.len() as u64 - 1;
        ids.push(END);
        for run in ids.windows(self.order) {
            self.full.add(run);
        }
        for order in 2..self.order.min(ids.len() + 1) {
            self.beginnings[order].add(&ids[..order]);
        }
        let distinct = self.full.distinct();
        if distinct > self.most {
            return Err(LmError::NGrams(format!(
                "over {} different {}-grams, more than {} MB of memory are for; take less text, \
                 a lower --order or a bigger --memory",
                self.most,
                self.order,
                self.memory >> 20
            )));
        }
        Ok(())
    }

    fn enter(&mut self, word: &str) -> Result<u32, LmError> {
        let id = u32::try_from(self.words.len())
            .map_err(|_| LmError::NGrams("too many different words".into()))?;
        self.words.push(word.to_owned());
        self.ids.insert(word.to_owned(), id);
        Ok(id)
    }

    /// Sentences counted.
    pub fn sentences(&self) -> u64 {
        self.sentences
    }

    /// Words counted, without sentence markers.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    /// Different words.
    pub fn vocabulary_size(&self) -> usize {
        self.words.len()
    }

    /// Estimates the model of what was counted.
    ///
    /// Where a text is too small or too odd for an order's discounts to be estimated, 0.5, 1 and
    /// 1.5 are taken, as by `lmplz --discount_fallback`.
    ///
    /// # Errors
    /// [`LmError::NGrams`] when no words were counted.
    pub fn estimate(self) -> Result<Estimated, LmError> {
        if self.tokens == 0 {
            return Err(LmError::NGrams(
                "the text has no words; one sentence a line is wanted".into(),
            ));
        }
        let (words, order) = (self.words, self.order);
        drop(self.ids);
        let counts = adjust::adjusted(order, words.len(), self.full, self.beginnings);
        let (orders, discounts) = estimate::estimate(counts);
        Ok(Estimated {
            ngrams: crate::NGrams { words, orders },
            discounts,
        })
    }
}
