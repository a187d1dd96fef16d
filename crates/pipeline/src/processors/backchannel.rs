//! Short sounds of attention while the caller speaks at length.

use crate::clips::Clips;
use crate::processor::Processor;

/// See the module.
pub struct Backchannel {}

impl Backchannel {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new(clips: Clips) -> Self {
        let _ = clips;
        Backchannel {}
    }
}

impl Processor for Backchannel {
    fn name(&self) -> &'static str {
        "Backchannel"
    }
}
