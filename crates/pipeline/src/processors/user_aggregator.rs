//! Makes turns out of utterances, and notices interruptions.

use crate::processor::Processor;

/// See the module.
pub struct UserAggregator {}

impl UserAggregator {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        UserAggregator {}
    }
}

impl Processor for UserAggregator {
    fn name(&self) -> &'static str {
        "UserAggregator"
    }
}
