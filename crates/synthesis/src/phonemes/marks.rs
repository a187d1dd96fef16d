//! Punctuation as the voice reads it.

/// A mark in the voice's own marks; empty where it has none.
pub(super) fn spoken(mark: &str) -> String {
    mark.chars().filter_map(one).collect()
}

fn one(mark: char) -> Option<char> {
    Some(match mark {
        ';' | ':' | ',' | '.' | '!' | '?' | '—' | '…' | '"' | '(' | ')' | '“' | '”' => mark,
        '–' | '―' => '—',
        '«' | '„' | '「' | '『' => '“',
        '»' | '」' | '』' => '”',
        '[' | '{' => '(',
        ']' | '}' => ')',
        '¡' | '¿' => return None,
        '，' | '、' | '،' => ',',
        '。' | '．' | '।' | '۔' => '.',
        '！' => '!',
        '？' | '؟' | '‽' => '?',
        '：' => ':',
        '；' | '؛' => ';',
        _ => return None,
    })
}

/// Whether a word after it begins after a space, even where the source has none.
pub(super) fn parts(marks: &str) -> bool {
    marks.ends_with([',', '.', '!', '?', ';', ':', '…', ')', '”'])
}

/// Whether the voice pauses at it, so that the word before does not lean on the word after.
pub(super) fn pauses(symbol: char) -> bool {
    matches!(symbol, ';' | ':' | ',' | '.' | '!' | '?' | '—' | '…')
}
