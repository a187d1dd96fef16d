//! Masking of swear words.

/// The text with its swear words masked.
pub fn mask(text: &str, _language: &str) -> String {
    text.to_owned()
}
