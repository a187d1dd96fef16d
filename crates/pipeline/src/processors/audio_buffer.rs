//! Records both directions.

use crate::frame::{Frame, Part};
use crate::processor::{Context, Processor, Way};
use crate::recording::Writer;

/// See the module.
pub struct AudioBuffer {
    writer: Option<Writer>,
}

impl AudioBuffer {
    /// Without a writer, the call is not recorded.
    pub fn new(writer: Option<Writer>) -> Self {
        AudioBuffer { writer }
    }
}

impl Processor for AudioBuffer {
    fn name(&self) -> &'static str {
        "AudioBuffer"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        let written = match (&frame, &mut self.writer) {
            (Frame::Heard(sound), Some(writer)) => writer.heard(sound.clone()),
            (Frame::Played { sound, .. }, Some(writer)) => writer.played(sound.clone()),
            _ => Ok(()),
        };
        if written.is_err() {
            self.writer = None;
            context.failed(Part::Recording, "the disk does not take any more");
        }
        // Nobody further down needs what was heard.
        if !matches!(frame, Frame::Heard(_)) {
            context.pass(frame, way);
        }
    }
}
