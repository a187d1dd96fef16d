//! Words: runs of characters cut by jieba, and listed forms with a reading of their own.

use std::sync::LazyLock;

use jieba_rs::Jieba;

use crate::spoken::reader::Reader;
use crate::spoken::tables::{self, Signs};
use crate::spoken::wide::is_han;

static JIEBA: LazyLock<Jieba> = LazyLock::new(Jieba::new);
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
    let run = &reader.text[from..cursor.at];
    let mut words = JIEBA.cut(run, true);
    // A run that was broken off leaves its last words to the next.
    if cursor.peek().is_some_and(is_han) && words.len() > 4 {
        words.truncate(words.len() - 2);
    }
    for word in words {
        let until = reader.at + word.word.len();
        reader.say(word.word, until);
    }
    reader.at > from
}
