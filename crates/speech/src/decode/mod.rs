//! Searching for the tokens of a segment, and judging what was found.

pub(crate) mod beam;
pub(crate) mod greedy;
pub(crate) mod guard;
pub(crate) mod rules;
pub(crate) mod scores;

/// A sequence of tokens with its scores.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Path {
    /// Text tokens, without prompt and end.
    pub tokens: Vec<u32>,
    /// Natural-log probability of each of `tokens`.
    pub logprobs: Vec<f32>,
    /// Log probability of the end, where it was reached.
    pub end_logprob: Option<f32>,
    /// It began to loop and was stopped.
    pub looped: bool,
}

impl Path {
    /// Mean log probability of the tokens and the end.
    pub fn avg_logprob(&self) -> f32 {
        let sum: f32 = self.logprobs.iter().sum::<f32>() + self.end_logprob.unwrap_or(0.0);
        sum / (self.logprobs.len() + 1) as f32
    }
}
