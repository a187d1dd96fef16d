//! Decides when the caller is done.

use crate::processor::Processor;

/// See the module.
pub struct SmartEndpointer {}

impl SmartEndpointer {
    /// At the start of a call.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        SmartEndpointer {}
    }
}

impl Processor for SmartEndpointer {
    fn name(&self) -> &'static str {
        "SmartEndpointer"
    }
}
