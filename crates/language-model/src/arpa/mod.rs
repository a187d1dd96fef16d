//! ARPA files: n-gram models as text, log10 probabilities and backoffs, one n-gram a line.

mod lines;
mod read;
mod write;

pub use read::read_arpa;
pub use write::write_arpa;

/// The biggest ARPA file that [`crate::LanguageModel::open`] reads: 256 MiB, about 8 million
/// n-grams, which take 0.5 GB while they are read. Bigger ones are converted once.
pub const MAX_ARPA_BYTES: u64 = 256 << 20;
