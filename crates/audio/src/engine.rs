//! What every decoding path gives: blocks of planar samples until the end.

use crate::AudioError;

/// Samples as decoded, one vector a channel, all of one length.
#[derive(Default)]
pub(crate) struct Planes {
    pub(crate) rate_hz: u32,
    pub(crate) channels: Vec<Vec<f32>>,
}

impl Planes {
    /// Empties the planes for a block of this shape, keeping their memory.
    pub(crate) fn start(&mut self, rate_hz: u32, channels: usize) {
        self.rate_hz = rate_hz;
        self.channels.resize_with(channels, Vec::new);
        self.channels.iter_mut().for_each(Vec::clear);
    }

    pub(crate) fn frames(&self) -> usize {
        self.channels.first().map_or(0, Vec::len)
    }

    /// Drops frames at both ends.
    pub(crate) fn trim(&mut self, start: usize, end: usize) {
        let frames = self.frames();
        let start = start.min(frames);
        let keep = frames.saturating_sub(end).max(start);
        for channel in &mut self.channels {
            channel.truncate(keep);
            channel.drain(..start);
        }
    }
}

/// What one call to an engine gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Samples, possibly of another rate or layout than before.
    Frames,
    /// No more.
    End,
}

/// One way of turning bytes into samples. After an error or [`Step::End`] it is not called again.
pub(crate) trait Engine: Send {
    /// Replaces the content of `planes` with the next few thousand frames at most.
    fn next(&mut self, planes: &mut Planes) -> Result<Step, AudioError>;

    /// Something worth telling, once.
    fn take_warning(&mut self) -> Option<String> {
        None
    }
}
