//! The real router over real sockets with real models (English on Moonshine).

#![allow(
    clippy::unwrap_used,
    reason = "a test may panic; helpers are tests too"
)]

mod analysis;
mod catalogue;
mod ctc;
mod decoding;
mod errors;
mod formats;
mod harness;
mod insight;
mod overload;
mod streams;
