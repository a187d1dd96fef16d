//! What is said goes to the caller; says when answers begin and end to sound.

use crate::clips::Clips;
use crate::playback::Playback;
use crate::processor::Processor;
use crate::transport::Output;
use std::sync::Arc;
use tokio::sync::mpsc;

/// See the module.
pub struct TransportOutput {}

impl TransportOutput {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new(playback: Arc<Playback>, clips: Clips, output: mpsc::Sender<Output>) -> Self {
        let _ = playback;
        let _ = clips;
        let _ = output;
        TransportOutput {}
    }
}

impl Processor for TransportOutput {
    fn name(&self) -> &'static str {
        "transport.output"
    }
}
