//! The model on this machine, with real weights: `models fetch --group local-llm-test` brings them.
#![allow(clippy::unwrap_used)] // tests fail by panicking

mod answers;
mod support;
mod tools;
mod trouble;
