//! How to decode.

use crate::{Context, Fusion, Language, SpeechError};
use std::sync::Arc;

/// Widest beam that is accepted.
pub const MAX_BEAM_WIDTH: usize = 16;
/// Widest beam that a CTC model is searched with: it costs little there.
pub const MAX_CTC_BEAM_WIDTH: usize = 100;

/// What a caller may choose for one segment.
#[derive(Debug, Clone)]
pub struct DecodeOptions {
    /// The language spoken; `None` lets the model decide.
    pub language: Option<Language>,
    /// Whether to find the time of each word (one more pass of the decoder).
    pub word_timestamps: bool,
    /// 1 = greedy, up to [`crate::ModelKind::widest_beam`].
    pub beam_width: usize,
    /// Alternatives wanted, 1 (only the best) to 16. With more than the beam is wide fewer may come.
    pub n_best: usize,
    /// Language model and hotwords, which a beam takes into account; a greedy search cannot.
    pub fusion: Option<Arc<Fusion>>,
    /// What was heard just before, in the same stream; models that cannot use it ignore it.
    pub context: Option<Arc<Context>>,
    /// Decode again at rising temperatures when the result looks wrong.
    pub temperature_fallback: bool,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self {
            language: None,
            word_timestamps: false,
            beam_width: 1,
            n_best: 1,
            fusion: None,
            context: None,
            temperature_fallback: true,
        }
    }
}

impl DecodeOptions {
    /// Refuses values out of range.
    pub(crate) fn check(&self, widest: usize) -> Result<(), SpeechError> {
        for (name, value, most, expected) in [
            (
                "beam_width",
                self.beam_width,
                widest,
                "between 1 and what the model is searched with",
            ),
            ("n_best", self.n_best, MAX_BEAM_WIDTH, "between 1 and 16"),
        ] {
            if !(1..=most).contains(&value) {
                return Err(SpeechError::InvalidOption { name, expected });
            }
        }
        self.fusion.as_ref().map_or(Ok(()), |fusion| fusion.check())
    }
}
