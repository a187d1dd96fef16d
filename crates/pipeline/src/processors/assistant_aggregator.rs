//! What the caller really heard of an answer becomes part of the dialogue and the transcript.

use crate::processor::Processor;

/// See the module.
pub struct AssistantAggregator {}

impl AssistantAggregator {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        AssistantAggregator {}
    }
}

impl Processor for AssistantAggregator {
    fn name(&self) -> &'static str {
        "AssistantAgg"
    }
}
