//! Token probabilities into the probability that a word is right.
//!
//! A logistic map per model, fitted by `examples/calibrate.rs` on transcribed speech; the
//! parameters and how well they hold lie in `data/calibration.toml`.

use crate::decode::Path;
use crate::words::TokenSpan;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Parameters of one model: `logit p = bias + word * logit(mean) + least * logit(min) + segment * avg`.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub(crate) struct Calibration {
    bias: f32,
    word: f32,
    least: f32,
    segment: f32,
    /// Seconds that the model's attention leads the sound by; see `words`.
    pub lead_s: f64,
}

static FITTED: LazyLock<HashMap<String, Calibration>> = LazyLock::new(|| {
    toml::from_str(include_str!("../data/calibration.toml"))
        .expect("the file is part of the build, and tested")
});

impl Calibration {
    /// The fit for a model; for one without a fit, the plain token probabilities.
    pub fn of(model: &str) -> Self {
        let plain = Self {
            bias: 0.0,
            word: 1.0,
            least: 0.0,
            segment: 0.0,
            lead_s: 0.0,
        };
        FITTED.get(model).copied().unwrap_or(plain)
    }

    /// Probability, 0..1, that a word of such [`evidence`] is right.
    pub fn probability(&self, [mean, least, segment]: [f32; 3]) -> f32 {
        let logit = self.bias + self.word * mean + self.least * least + self.segment * segment;
        // Nothing is ever certain.
        (1.0 / (1.0 + (-logit).exp())).clamp(0.001, 0.999)
    }
}

/// What a word's probability is told from: logit of its tokens' mean, logit of the least of them,
/// mean log probability of the segment.
pub(crate) fn evidence(span: &TokenSpan, path: &Path) -> [f32; 3] {
    let range = if span.is_spoken() {
        span.spoken.clone()
    } else {
        span.tokens.clone()
    };
    let tokens = path.logprobs.get(range).unwrap_or(&[]);
    let mean = tokens.iter().sum::<f32>() / tokens.len().max(1) as f32;
    let least = tokens.iter().copied().fold(0.0, f32::min);
    [logit(mean), logit(least), path.avg_logprob()]
}

/// Log odds of a log probability, kept finite.
fn logit(logprob: f32) -> f32 {
    let p = logprob.exp().clamp(1e-4, 1.0 - 1e-4);
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surer_tokens_make_surer_words_for_every_model() {
        assert!(!FITTED.is_empty());
        for (model, fit) in FITTED.iter() {
            let p = |logprob: f32| fit.probability([logit(logprob), logit(logprob), logprob]);
            assert!(p(-0.01) > p(-0.5) && p(-0.5) > p(-3.0), "{model}");
            assert!(p(0.0) < 1.0 && p(-50.0) > 0.0, "{model}");
        }
    }
}
