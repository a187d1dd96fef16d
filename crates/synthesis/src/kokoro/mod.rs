//! Kokoro 82M (hexgrad; StyleTTS 2, Li et al. 2023, with an iSTFTNet generator), in parts, so that
//! sound comes out before the sentence is whole.

mod graphs;
mod melody;
mod passage;
mod plane;
mod predictor;
mod statistics;
mod styles;

pub use graphs::{Acoustics, Affine, GraphFiles, Graphs, Run, SecondStage, Window};
pub use passage::{Passage, Script};
pub use plane::Plane;
pub use predictor::Predictor;
pub use statistics::{Moments, Statistics};
pub use styles::Styles;

/// Width of a style: how a voice says a text of some length. Its first half is the generator's, the
/// second that of melody and durations.
pub const STYLE: usize = 256;

/// Samples of a frame at 24 kHz: 25 ms.
pub const FRAME: usize = 600;
