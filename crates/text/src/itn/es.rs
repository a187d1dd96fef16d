//! Spanish.

use super::Edit;

/// What to rewrite.
pub(super) fn edits(_text: &str) -> Vec<Edit> {
    Vec::new()
}
