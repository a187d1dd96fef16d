//! How to decode.

use crate::{Context, Language, SpeechError};
use std::sync::Arc;

/// Widest beam that is accepted.
pub const MAX_BEAM_WIDTH: usize = 16;

/// What a caller may choose for one segment.
#[derive(Debug, Clone, PartialEq)]
pub struct DecodeOptions {
    /// The language spoken; `None` lets the model decide.
    pub language: Option<Language>,
    /// Whether to find the time of each word (one more pass of the decoder).
    pub word_timestamps: bool,
    /// 1 = greedy, up to 16.
    pub beam_width: usize,
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
            context: None,
            temperature_fallback: true,
        }
    }
}

impl DecodeOptions {
    /// Refuses values out of range.
    pub(crate) fn check(&self) -> Result<(), SpeechError> {
        if (1..=MAX_BEAM_WIDTH).contains(&self.beam_width) {
            return Ok(());
        }
        Err(SpeechError::InvalidOption {
            name: "beam_width",
            expected: "between 1 and 16",
        })
    }
}
