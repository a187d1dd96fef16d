//! Words in Kokoro's alphabet, with the lexicons and models that ship.
#![allow(clippy::unwrap_used)] // tests fail by panicking

mod heteronyms;
mod japanese;
mod known;
mod mandarin;
mod own;
mod properties;
mod romance;
mod support;
mod tongues;
mod unknown;
