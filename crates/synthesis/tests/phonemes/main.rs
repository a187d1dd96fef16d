//! English words in Kokoro's alphabet, with the lexicon and the network that ship.
#![allow(clippy::unwrap_used)] // tests fail by panicking

mod heteronyms;
mod known;
mod own;
mod properties;
mod romance;
mod support;
mod tongues;
mod unknown;
