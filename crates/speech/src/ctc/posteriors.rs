//! What a CTC model says: for every frame, the log probability of every token.

/// Natural-log probabilities `[frames, tokens]`, row-major.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Posteriors {
    values: Vec<f32>,
    tokens: usize,
}

impl Posteriors {
    /// Takes scores of any scale, each row of which becomes log probabilities.
    pub fn of_scores(mut values: Vec<f32>, tokens: usize) -> Self {
        for row in values.chunks_exact_mut(tokens.max(1)) {
            let max = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            // A model that computes no number says nothing.
            if !max.is_finite() {
                row.fill(-(tokens as f32).ln());
                continue;
            }
            let sum: f32 = row.iter().map(|x| (x - max).exp()).sum();
            let log = max + sum.ln();
            row.iter_mut().for_each(|x| *x -= log);
        }
        Self { values, tokens }
    }

    /// Takes probabilities.
    pub fn of_probabilities(mut values: Vec<f32>, tokens: usize) -> Self {
        values.iter_mut().for_each(|x| *x = x.max(1e-12).ln());
        Self::of_scores(values, tokens)
    }

    /// Number of frames.
    pub fn frames(&self) -> usize {
        self.values.len() / self.tokens.max(1)
    }

    /// A frame's log probabilities, by token.
    pub fn frame(&self, t: usize) -> &[f32] {
        &self.values[t * self.tokens..][..self.tokens]
    }

    /// Some of the frames, as many as there are.
    pub fn within(&self, frames: std::ops::Range<usize>) -> Self {
        let end = frames.end.min(self.frames());
        let values = &self.values[frames.start.min(end) * self.tokens..end * self.tokens];
        Self {
            values: values.to_vec(),
            tokens: self.tokens,
        }
    }

    /// All frames.
    pub fn iter(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.tokens.max(1))
    }
}
