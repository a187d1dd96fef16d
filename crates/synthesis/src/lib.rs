//! What we know about speaking: how text is read aloud, in which sounds, cut where.

pub mod chunk;
mod error;
pub mod phonemes;
pub mod spoken;

pub use error::SynthesisError;
