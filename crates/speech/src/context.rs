//! What was heard just before: pieces of one sentence are heard better with the pieces before them.

use crate::{Hypothesis, SAMPLE_RATE_HZ, SpeechSegment};

/// Silence between two pieces in seconds, beyond which one does not help to hear the other.
const FARTHEST_S: f64 = 1.5;
/// Seconds of context at most: all of it is encoded again with the piece.
const LONGEST_S: f64 = 8.0;

/// Speech before a segment, and the tokens it was recognised as.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    segment: SpeechSegment,
    tokens: Vec<u32>,
}

impl Context {
    /// The context of whatever follows `segment`, itself heard in the context of `before`. `None`
    /// when there were no words in it.
    pub fn after(
        before: Option<&Context>,
        segment: &SpeechSegment,
        heard: &Hypothesis,
    ) -> Option<Self> {
        if heard.text.is_empty() {
            return None;
        }
        let own = Context {
            segment: segment.clone(),
            tokens: heard.own_tokens().to_vec(),
        };
        let joined = before.and_then(|before| {
            let segment = before.join(segment)?;
            let tokens = before.tokens.iter().chain(&own.tokens).copied().collect();
            Some(Context { segment, tokens })
        });
        joined
            .filter(|joined| joined.segment.duration_s() <= LONGEST_S)
            .or(Some(own))
            .filter(|context| context.segment.duration_s() <= LONGEST_S)
    }

    /// Tokens of the context.
    pub(crate) fn tokens(&self) -> &[u32] {
        &self.tokens
    }

    /// The context and a segment after it in one, the silence between them included; `None` when
    /// they are too far apart.
    pub(crate) fn join(&self, segment: &SpeechSegment) -> Option<SpeechSegment> {
        let gap_s = segment.start_s - self.segment.end_s();
        if !(-0.1..FARTHEST_S).contains(&gap_s) {
            return None;
        }
        let place = ((segment.start_s - self.segment.start_s) * f64::from(SAMPLE_RATE_HZ)).round();
        let mut samples = self.segment.samples.clone();
        samples.resize(place as usize, 0.0);
        samples.extend_from_slice(&segment.samples);
        let regions = self.segment.regions.iter().chain(&segment.regions);
        Some(SpeechSegment {
            start_s: self.segment.start_s,
            samples,
            regions: regions.copied().collect(),
        })
    }
}
