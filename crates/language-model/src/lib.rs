//! Word n-gram language models: read, scored, estimated and written.
//!
//! KenLM's binary files are scored where they lie (memory-mapped, checked against their length
//! first); ARPA files become KenLM's trie in memory. A model is immutable and shared by `Arc`.

mod arpa;
mod binary;
mod bits;
mod error;
mod hash;
mod kneser_ney;
mod model;
mod ngrams;
mod score;
mod source;
mod sphinx;
mod write;

pub use arpa::{MAX_ARPA_BYTES, read_arpa, write_arpa};
pub use error::LmError;
pub use kneser_ney::{Counter, Discounts, Estimated};
pub use model::LanguageModel;
pub use ngrams::{MAX_ORDER, NGram, NGrams};
pub use score::{Scored, State};
pub use sphinx::{SPHINX_MAGIC, read_sphinx};
pub use write::write_trie;
