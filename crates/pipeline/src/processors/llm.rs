//! Thinks: the caller's turn becomes an answer in phrases.

use crate::processor::{Mailbox, Processor};
use crate::settings::CallSettings;
use std::sync::Arc;

/// See the module.
pub struct LlmProcessor {}

impl LlmProcessor {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new(llm: llm::Llm, settings: &Arc<CallSettings>, mailbox: Mailbox) -> Self {
        let _ = llm;
        let _ = settings;
        let _ = mailbox;
        LlmProcessor {}
    }
}

impl Processor for LlmProcessor {
    fn name(&self) -> &'static str {
        "LLM"
    }
}
