//! Asks after a silence, and hangs up after the second.

use crate::processor::Processor;

/// See the module.
pub struct SilenceWatchdog {}

impl SilenceWatchdog {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        SilenceWatchdog {}
    }
}

impl Processor for SilenceWatchdog {
    fn name(&self) -> &'static str {
        "SilenceWatchdog"
    }
}
