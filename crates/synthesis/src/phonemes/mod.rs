//! Words to phonemes in Kokoro's alphabet (IPA with a few letters of its own).
//!
//! The letters of its own: `A I O Q W Y` are the diphthongs of *day, my, go* (American), *go*
//! (British), *now, boy*; `ʤ` and `ʧ` those of *jam* and *chin*; `T` the American t of *water*;
//! `ᵊ` and `ᵻ` the weak vowels of *little* and *boxes*. A stress mark stands before its vowel.

mod assembly;
mod english;
mod french;
mod hindi;
mod japanese;
mod mandarin;
mod marks;
mod npz;
mod pronunciations;
mod romance;
mod speller;
pub(crate) mod table;
mod vocabulary;

use std::ops::Range;

pub use english::{Accent, English};
pub use french::French;
pub use hindi::Hindi;
pub use japanese::Japanese;
pub use mandarin::Mandarin;
pub use pronunciations::Pronunciations;
pub use romance::{Romance, Tongue};
pub use speller::Speller;
pub use vocabulary::{MAX_TOKENS, tokens};

/// Words in Kokoro's alphabet, as the voice reads them: with spaces and marks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phonemes {
    /// What the voice reads.
    pub text: String,
    /// For each word or mark that was given: its bytes of `text`. They follow one another, with at
    /// most a space between them; a mark that the voice does not know has none.
    pub words: Vec<Range<usize>>,
}
