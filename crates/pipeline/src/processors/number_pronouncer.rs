//! Numbers as people say them.

use crate::processor::Processor;

/// See the module.
pub struct NumberPronouncer {}

impl NumberPronouncer {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        NumberPronouncer {}
    }
}

impl Processor for NumberPronouncer {
    fn name(&self) -> &'static str {
        "NumberPronouncer"
    }
}
