//! Short texts as sound, made once and kept: sounds of attention, and apologies for when nothing
//! can be made any more.

use crate::settings::CallSettings;
use std::sync::Arc;

/// The clips of a call's voice, language and rate. Cheap to clone; shared by all calls of the process.
#[derive(Clone, Default)]
pub struct Clips {}

/// Which clip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clip {
    /// The n-th sound of attention.
    Backchannel(usize),
    /// A part fails and may come back.
    Apology,
    /// A part failed and did not come back.
    Failure,
}

impl Clips {
    /// Begins to make what is not there yet.
    pub fn prepare(&self, settings: &Arc<CallSettings>, http: &reqwest::Client) -> Self {
        let _ = (settings, http);
        self.clone()
    }

    /// The samples, once they are made.
    pub fn get(&self, clip: Clip) -> Option<Arc<[i16]>> {
        let _ = clip;
        None
    }
}
