//! Emoji that the language has no name for: said to be emoji, a run of them once.

use super::super::reader::Reader;
use super::Tongue;

fn is_picture(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
        | '\u{2300}'..='\u{23ff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}')
}

fn is_joiner(c: char) -> bool {
    matches!(
        c,
        '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{20e3}' | '\u{e0020}'..='\u{e007f}'
    )
}

/// Reads pictures that are in no table.
pub(super) fn unknown(reader: &mut Reader<'_>, tongue: &dyn Tongue) -> bool {
    let mut cursor = reader.cursor();
    let first = cursor.peek();
    if !first.is_some_and(is_picture)
        || first.is_some_and(|c| tongue.tables().symbols.contains_key(&c))
    {
        return false;
    }
    cursor.bump();
    cursor.take(64, |c| {
        (is_picture(c) || is_joiner(c))
            && !tongue
                .tables()
                .emoji
                .contains_key(c.encode_utf8(&mut [0; 4]) as &str)
    });
    reader.say(tongue.tables().name("emoji"), cursor.at)
}
