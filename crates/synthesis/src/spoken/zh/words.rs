//! Words: runs of characters cut by jieba, and listed forms with a reading of their own.

use std::collections::HashMap;
use std::sync::LazyLock;

use jieba_rs::Jieba;

use crate::spoken::reader::Reader;
use crate::spoken::tables::{self, Signs};
use crate::spoken::wide::is_han;

static JIEBA: LazyLock<Jieba> = LazyLock::new(Jieba::new);
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    tables::pairs(include_str!("../../../data/spoken/zh/simplified.tsv"))
        .into_iter()
        .filter_map(|(from, to)| Some((from.chars().next()?, to.chars().next()?)))
        .filter(|(from, to)| from.len_utf8() == to.len_utf8())
        .collect()
});
static SPECIAL: LazyLock<Signs<&str>> = LazyLock::new(|| {
    let rows = tables::rows(include_str!("../../../data/spoken/zh/words.tsv"));
    Signs::new(rows.filter_map(|row| Some((*row.first()?, *row.get(1)?))))
});

/// In characters: a text without marks is cut here and there, lest one cut take a megabyte.
const AT_ONCE: usize = 120;

/// `Dr.`, `No.5`, `卡拉OK`: forms with a reading of their own.
pub fn special(reader: &mut Reader<'_>) -> bool {
    let cursor = reader.cursor();
    for (written, said) in SPECIAL.at(cursor.rest()) {
        let mut end = cursor;
        end.eat_str(written);
        let begins = |c: char| c.is_ascii_alphanumeric();
        let is_word = written.starts_with(begins) && cursor.before().is_some_and(begins)
            || written.ends_with(begins) && end.peek().is_some_and(begins);
        if !is_word {
            return reader.say(said, end.at);
        }
    }
    false
}

/// A run of characters, word by word.
pub fn read(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let from = cursor.at;
    cursor.take(AT_ONCE, is_han);
    // Words are known in simplified characters, of as many bytes.
    let run: String = reader.text[from..cursor.at]
        .chars()
        .map(|c| SIMPLIFIED.get(&c).copied().unwrap_or(c))
        .collect();
    let mut words = JIEBA.cut(&run, true);
    // A run that was broken off leaves its last words to the next.
    if cursor.peek().is_some_and(is_han) && words.len() > 4 {
        words.truncate(words.len() - 2);
    }
    for word in words {
        for part in parts(word.word) {
            let until = reader.at + part.len();
            reader.say(part, until);
        }
    }
    reader.at > from
}

/// Whether jieba's dictionary has the word.
pub(crate) fn is_word(word: &str) -> bool {
    JIEBA.has_word(word)
}

/// A guess of jieba's with a particle in it is no word: 快得多, 了解 is.
fn parts(word: &str) -> Vec<&str> {
    let particle = |c: char| "得的了着把被".contains(c);
    if word.chars().count() < 2 || !word.contains(particle) || JIEBA.has_word(word) {
        return vec![word];
    }
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, found) in word.match_indices(particle) {
        parts.extend([&word[from..at], found]);
        from = at + found.len();
    }
    parts.push(&word[from..]);
    parts.retain(|part| !part.is_empty());
    parts
}
