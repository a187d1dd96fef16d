//! Tells the language model how the caller sounds.

use crate::processor::Processor;

/// See the module.
pub struct EmotionAdaptive {}

impl EmotionAdaptive {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        EmotionAdaptive {}
    }
}

impl Processor for EmotionAdaptive {
    fn name(&self) -> &'static str {
        "EmotionAdaptive"
    }
}
