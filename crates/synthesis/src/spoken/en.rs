//! English.

use super::Token;

pub(super) fn spoken(_text: &str) -> Vec<Token> {
    Vec::new()
}
