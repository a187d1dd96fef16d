//! The labels of every text head and what they mean: `models/heads/labels.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

const FILE: &str = include_str!("../../../../../models/heads/labels.toml");

static SECTIONS: LazyLock<HashMap<String, Vec<(String, String)>>> = LazyLock::new(|| {
    let file: HashMap<String, toml::Table> =
        toml::from_str(FILE).expect("a test reads the same bytes");
    let text = |value: toml::Value| value.as_str().unwrap_or_default().to_owned();
    let section = |table: toml::Table| {
        table
            .into_iter()
            .map(|(label, meaning)| (label, text(meaning)))
            .collect()
    };
    file.into_iter()
        .map(|(head, table)| (head, section(table)))
        .collect()
});

/// Labels of the head and their meanings; none when the file has no such section.
pub(super) fn section(head: &str) -> &'static [(String, String)] {
    SECTIONS.get(head).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::super::TextHead;

    #[test]
    fn every_label_of_every_head_is_defined_in_a_sentence() {
        for head in TextHead::ALL {
            assert!(head.definitions().len() > 1, "{}", head.name());
            for (label, meaning) in head.definitions() {
                let is_sentence = meaning.len() > 10 && meaning.ends_with('.');
                assert!(is_sentence, "{label}: {meaning}");
            }
        }
    }
}
