//! `/api/auth`: signing up, in and out, guests, and who one is.

pub mod begin;

pub use begin::{How, begin};
