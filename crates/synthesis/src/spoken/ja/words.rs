//! Words in Japanese scripts, cut where they change: about a content word with what hangs on it.

use std::sync::LazyLock;

use crate::spoken::reader::Reader;
use crate::spoken::tables::{self, Signs};
use crate::spoken::wide::is_han;

static SPECIAL: LazyLock<Signs<&str>> = LazyLock::new(|| {
    let rows = tables::rows(include_str!("../../../data/spoken/ja/words.tsv"));
    Signs::new(rows.filter_map(|row| Some((*row.first()?, *row.get(1)?))))
});

/// In characters; longer runs are cut.
const LONGEST: usize = 16;

/// Whether it is a kana of either width.
pub fn is_kana(c: char) -> bool {
    is_hiragana(c) || matches!(c, 'ァ'..='ヺ' | 'ー'..='ヿ' | 'ｦ'..='ﾟ' | 'ㇰ'..='ㇿ')
}

fn is_hiragana(c: char) -> bool {
    matches!(
        c,
        'ぁ'..='ゖ' | '\u{3099}' | '\u{309a}' | 'ゝ' | 'ゞ' | 'ゟ'
    )
}

/// `Dr.`, `㈱`: forms with a reading of their own.
pub fn special(reader: &mut Reader<'_>) -> bool {
    let cursor = reader.cursor();
    for (written, said) in SPECIAL.at(cursor.rest()) {
        let mut end = cursor;
        end.eat_str(written);
        let latin = |c: char| c.is_ascii_alphanumeric();
        let is_part = written.starts_with(latin) && cursor.before().is_some_and(latin)
            || written.ends_with(latin) && end.peek().is_some_and(latin);
        if !is_part {
            return reader.say(said, end.at);
        }
    }
    false
}

/// A word with its endings.
pub fn read(reader: &mut Reader<'_>) -> bool {
    let mut cursor = reader.cursor();
    let mut last: Option<char> = None;
    for _ in 0..LONGEST {
        let Some(next) = cursor.peek().filter(|c| is_han(*c) || is_kana(*c)) else {
            break;
        };
        let follows = cursor.second().is_some_and(is_han);
        // を is a particle always; お and ご before a kanji begin a word.
        let begins = last.is_some_and(|last| match (is_hiragana(last), is_hiragana(next)) {
            (true, false) => {
                !matches!(last, 'お' | 'ご') || cursor.at > reader.at + last.len_utf8()
            }
            (true, true) => last == 'を' || matches!(next, 'お' | 'ご') && follows,
            (false, false) => {
                is_han(last) != is_han(next)
                    && next != 'ー'
                    && !matches!(next, 'ヶ' | 'ヵ' | 'ケ')
                    && !matches!(last, 'ヶ' | 'ヵ')
            }
            (false, true) => false,
        });
        if begins {
            break;
        }
        cursor.bump();
        last = Some(next);
    }
    let written = &reader.text[reader.at..cursor.at];
    last.is_some() && reader.say(written, cursor.at)
}
