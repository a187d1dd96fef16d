//! Phrases become sound, from tts-server over a WebSocket.

use crate::processor::{Mailbox, Processor};
use crate::settings::CallSettings;
use std::sync::Arc;

/// See the module.
pub struct Tts {}

impl Tts {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new(settings: &Arc<CallSettings>, mailbox: Mailbox) -> Self {
        let _ = settings;
        let _ = mailbox;
        Tts {}
    }
}

impl Processor for Tts {
    fn name(&self) -> &'static str {
        "TTS"
    }
}
