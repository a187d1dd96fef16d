//! What we know about speaking: how text is read aloud, in which sounds, cut where.

pub mod chunk;
pub mod phonemes;
pub mod spoken;
