//! What the caller says in words, from asr-server over a WebSocket.

use crate::processor::{Mailbox, Processor};
use crate::settings::CallSettings;
use std::sync::Arc;

/// See the module.
pub struct WhissleStt {}

impl WhissleStt {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new(settings: &Arc<CallSettings>, mailbox: Mailbox) -> Self {
        let _ = settings;
        let _ = mailbox;
        WhissleStt {}
    }
}

impl Processor for WhissleStt {
    fn name(&self) -> &'static str {
        "WhissleSTT"
    }
}
