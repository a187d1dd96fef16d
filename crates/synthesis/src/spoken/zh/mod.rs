//! Mandarin: which readings are tried where. Words are what jieba's dictionary makes of a text.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::reader::{Reader, Rules};
use super::tables;
use super::wide::{is_han, latin, web};

mod amounts;
mod calendar;
mod codes;
mod numbers;
mod words;

pub(crate) use words::is_word;

static EMOJI: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| tables::pairs(include_str!("../../../data/spoken/zh/emoji.tsv")));
static SYMBOLS: LazyLock<HashMap<char, &str>> = LazyLock::new(|| {
    tables::pairs(include_str!("../../../data/spoken/zh/symbols.tsv"))
        .into_iter()
        .filter_map(|(sign, said)| Some((sign.chars().next()?, said)))
        .map(|(sign, said)| (sign, if said == "-" { "" } else { said }))
        .collect()
});
static WEB: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| tables::pairs(include_str!("../../../data/spoken/zh/web.tsv")));

/// Mandarin as written with characters, simplified or traditional.
#[derive(Debug)]
pub(super) struct Mandarin;

impl Rules for Mandarin {
    fn read(&self, reader: &mut Reader<'_>) -> bool {
        let Some(next) = reader.cursor().peek() else {
            return false;
        };
        if is_han(next) {
            return words::special(reader) || words::read(reader);
        }
        quote(reader, next)
            || words::special(reader)
            || web::read(reader, &WEB)
            || codes::read(reader)
            || calendar::read(reader)
            || amounts::read(reader)
            || latin::word(reader)
            || latin::other(reader, |_| false, "字")
            || amounts::other_digits(reader, next)
    }

    fn symbol(&self, sign: char) -> Option<&'static str> {
        SYMBOLS.get(&sign).copied()
    }

    fn emoji(&self, emoji: &str) -> Option<&'static str> {
        let named = EMOJI.get(emoji).copied();
        named.or_else(|| super::en::is_emoji(emoji).then_some("表情"))
    }
}

/// Brackets and quotes that only Chinese has, and dashes that stand for a pause.
fn quote(reader: &mut Reader<'_>, next: char) -> bool {
    let until = reader.at + next.len_utf8();
    match next {
        '《' | '〈' | '【' | '〖' => reader.mark("“", until),
        '》' | '〉' | '】' | '〗' => reader.mark("”", until),
        '~' | '～' | '〜' if joins(reader) => reader.say("到", until),
        '·' | '・' | '•' => reader.skip(until),
        _ => false,
    }
}

/// `北京～上海`: a wave between two words.
fn joins(reader: &Reader<'_>) -> bool {
    let mut after = reader.cursor();
    let before = after.before();
    after.bump();
    let word = |c: Option<char>| c.is_some_and(|c| is_han(c) || c.is_alphanumeric());
    word(before) && word(after.peek())
}
