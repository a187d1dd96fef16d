//! Records both directions.

use crate::processor::Processor;
use crate::recording::Writer;

/// See the module.
pub struct AudioBuffer {}

impl AudioBuffer {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new(writer: Option<Writer>) -> Self {
        let _ = writer;
        AudioBuffer {}
    }
}

impl Processor for AudioBuffer {
    fn name(&self) -> &'static str {
        "AudioBuffer"
    }
}
