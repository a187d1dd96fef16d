//! What is said about a segment besides its words: small trained heads over embeddings.

mod distribution;
mod head;

pub use distribution::Distribution;
pub use head::Head;
