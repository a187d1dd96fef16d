//! N-grams in memory: what readers and the estimator make, and writers take.

use crate::error::LmError;

/// The longest n-grams that are handled, as in KenLM's default build.
pub const MAX_ORDER: usize = 6;

/// One n-gram.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NGram {
    /// Ids in spoken order; those beyond the n-gram's order are zero.
    pub words: [u32; MAX_ORDER],
    /// log10 P(last word | words before it).
    pub prob: f32,
    /// log10 of what a longer n-gram pays that begins like this and is not listed.
    pub backoff: f32,
}

/// A whole model: words and n-grams of every order, in no order. 32 bytes an n-gram.
#[derive(Clone, Debug, Default)]
pub struct NGrams {
    /// By id. Word 0 is `<unk>`; `<s>` and `</s>` are among the others.
    pub words: Vec<String>,
    /// Unigrams first; unigram i is word i.
    pub orders: Vec<Vec<NGram>>,
}

impl NGrams {
    /// `words` as text, for messages and ARPA lines.
    pub fn text(&self, words: &[u32]) -> String {
        let words: Vec<&str> = words.iter().map(|&id| self.word(id)).collect();
        words.join(" ")
    }

    fn word(&self, id: u32) -> &str {
        self.words.get(id as usize).map_or("?", String::as_str)
    }

    /// Whether this can be a model at all.
    ///
    /// # Errors
    /// [`LmError::NGrams`] with the first thing that is wrong.
    pub fn check(&self) -> Result<(), LmError> {
        let bad = |reason: String| Err(LmError::NGrams(reason));
        if !(2..=MAX_ORDER).contains(&self.orders.len()) {
            let order = self.orders.len();
            return bad(format!(
                "the order is {order}; 2 to {MAX_ORDER} are handled"
            ));
        }
        if self.orders[0].len() != self.words.len() || u32::try_from(self.words.len()).is_err() {
            return bad("every word needs one unigram".into());
        }
        if self.words.first().is_none_or(|word| word != "<unk>") {
            return bad("word 0 must be <unk>".into());
        }
        for (order, grams) in (1..).zip(&self.orders) {
            for (i, gram) in grams.iter().enumerate() {
                let (used, rest) = gram.words.split_at(order);
                if rest.iter().any(|&id| id != 0) || (order == 1 && used[0] as usize != i) {
                    return bad(format!("{order}-gram {i} has words of another order"));
                }
                if used.iter().any(|&id| id as usize >= self.words.len()) {
                    return bad(format!("{order}-gram {i} has a word that is no unigram"));
                }
                if !(gram.prob <= 0.0 && gram.prob.is_finite() && gram.backoff.is_finite()) {
                    let (text, prob) = (self.text(used), gram.prob);
                    return bad(format!(
                        "`{text}` has log probability {prob} and backoff {}",
                        gram.backoff
                    ));
                }
            }
        }
        Ok(())
    }
}
