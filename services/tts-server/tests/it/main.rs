//! The real router over real sockets with the real engine.

#![allow(
    clippy::unwrap_used,
    reason = "a test may panic; helpers are tests too"
)]

mod bad_input;
mod files;
mod harness;
mod stopping;
mod streams;
mod voices;
