//! Notices goodbyes and ends the call after the farewell.

use crate::processor::Processor;

/// See the module.
pub struct ClosingPhrase {}

impl ClosingPhrase {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        ClosingPhrase {}
    }
}

impl Processor for ClosingPhrase {
    fn name(&self) -> &'static str {
        "ClosingPhrase"
    }
}
