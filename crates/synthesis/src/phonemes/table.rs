//! Tables of data: lines of columns with tabs between them, `#` before remarks.

/// The rows of a table. A missing column is simply not there; see [`column`].
pub(crate) fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
}

/// A column of a row, or nothing.
pub(crate) fn column(row: &[&'static str], index: usize) -> &'static str {
    row.get(index).copied().unwrap_or_default()
}
