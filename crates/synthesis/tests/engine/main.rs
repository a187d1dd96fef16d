//! The engine with real weights: what is said, when its words are, and who may speak.

mod parts;
mod speeches;
mod support;
