//! Room tone and breaths.

use crate::processor::Processor;

/// See the module.
pub struct AudioHumanizer {}

impl AudioHumanizer {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        AudioHumanizer {}
    }
}

impl Processor for AudioHumanizer {
    fn name(&self) -> &'static str {
        "AudioHumanizer"
    }
}
