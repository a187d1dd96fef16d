//! Searching for the tokens of a segment, and judging what was found.

pub(crate) mod beam;
pub(crate) mod continuations;
pub(crate) mod fusion;
pub(crate) mod greedy;
pub(crate) mod guard;
pub(crate) mod hotwords;
pub(crate) mod rules;
pub(crate) mod scores;
pub(crate) mod spelling;

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
    /// What language model and hotwords add, in nats.
    pub gain: f32,
}

impl Path {
    /// Mean log probability of the tokens and the end.
    pub fn avg_logprob(&self) -> f32 {
        let sum: f32 = self.logprobs.iter().sum::<f32>() + self.end_logprob.unwrap_or(0.0);
        sum / (self.logprobs.len() + 1) as f32
    }

    /// What paths of any length are compared by: as [`Self::avg_logprob`], with the gain.
    pub fn rank(&self) -> f32 {
        self.avg_logprob() + self.gain / (self.logprobs.len() + 1) as f32
    }
}
