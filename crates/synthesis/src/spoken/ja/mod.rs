//! Japanese: which readings are tried where. What is read from figures comes in katakana as it is
//! pronounced, so that no dictionary need guess (`3本` as サンボン).

use std::collections::HashMap;
use std::sync::LazyLock;

use super::reader::{Reader, Rules};
use super::tables;
use super::wide::{latin, web};

mod amounts;
mod calendar;
mod codes;
pub(crate) mod counters;
pub(crate) mod numbers;
mod words;

static EMOJI: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| tables::pairs(include_str!("../../../data/spoken/ja/emoji.tsv")));
static SYMBOLS: LazyLock<HashMap<char, &str>> = LazyLock::new(|| {
    tables::pairs(include_str!("../../../data/spoken/ja/symbols.tsv"))
        .into_iter()
        .filter_map(|(sign, said)| Some((sign.chars().next()?, said)))
        .map(|(sign, said)| (sign, if said == "-" { "" } else { said }))
        .collect()
});
static WEB: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| tables::pairs(include_str!("../../../data/spoken/ja/web.tsv")));

/// Japanese in its own scripts.
#[derive(Debug)]
pub(super) struct Japanese;

impl Rules for Japanese {
    fn read(&self, reader: &mut Reader<'_>) -> bool {
        let Some(next) = reader.cursor().peek() else {
            return false;
        };
        words::special(reader)
            || words::read(reader)
            || quote(reader, next)
            || web::read(reader, &WEB)
            || codes::read(reader)
            || calendar::read(reader)
            || amounts::read(reader)
            || latin::word(reader)
            || latin::other(reader, words::is_kana, "モジ")
            || amounts::other_digits(reader, next)
    }

    fn symbol(&self, sign: char) -> Option<&'static str> {
        SYMBOLS.get(&sign).copied()
    }

    fn emoji(&self, emoji: &str) -> Option<&'static str> {
        let named = EMOJI.get(emoji).copied();
        named.or_else(|| super::en::is_emoji(emoji).then_some("絵文字"))
    }
}

/// Brackets and quotes that only Japanese has, and dots that only divide.
fn quote(reader: &mut Reader<'_>, next: char) -> bool {
    let until = reader.at + next.len_utf8();
    match next {
        '《' | '〈' | '【' | '〔' | '｢' => reader.mark("“", until),
        '》' | '〉' | '】' | '〕' | '｣' => reader.mark("”", until),
        '､' => reader.mark(",", until),
        '~' | '～' | '〜' if joins(reader) => reader.say("カラ", until),
        '・' | '･' | '·' | '゛' | '゜' => reader.skip(until),
        _ => false,
    }
}

/// `博多〜鹿児島`: a wave between two words; in `え〜っと` it only makes long.
fn joins(reader: &Reader<'_>) -> bool {
    let mut after = reader.cursor();
    let before = after.before();
    after.bump();
    let word = |c: Option<char>| {
        c.is_some_and(|c| c.is_alphanumeric() && !matches!(c, 'ぁ'..='ゖ' | 'ー'))
    };
    word(before) && word(after.peek())
}
