//! Encryption at rest, which `HIPAA_MODE` switches on: keys, sealed values and sealed files.
//!
//! Everything is sealed by XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) under a random nonce. The
//! associated data is the *place* a value belongs to (table, column and row; folder and file) and
//! the id of the key, so that what is moved elsewhere does not open. [`Sealer`] is what stores hold:
//! it seals where the mode is on, and opens what is sealed wherever the key is there; what was never
//! sealed passes through, so that a store may hold both while it is converted. [`file`] seals files
//! in chunks while they are written; [`rotation`] replaces the key. Nothing here knows of databases.

mod error;
pub mod file;
mod key;
mod key_file;
pub mod rotation;
mod sealer;
mod value;

pub use error::{Error, Result};
pub use key::KeyId;
pub use sealer::Sealer;
pub use value::{is_sealed, is_sealed_text, key_of, key_of_text};
