//! What Chinese and Japanese share: figures in both widths, Latin words among characters, addresses.

pub(super) mod clock;
pub(super) mod codes;
pub(super) mod figures;
pub(super) mod latin;
pub(super) mod web;

/// A Chinese character, `々`, or the zero written as one.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3007}' | '\u{2e80}'..='\u{2fdf}' | '\u{3400}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// A letter of Latin script, in either width.
pub(super) fn is_latin(c: char) -> bool {
    c.is_alphabetic()
        && !c.is_numeric()
        && (c <= '\u{24f}' || matches!(c, 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | 'ẞ'))
}

/// The sign of half width for one of full width.
pub(super) fn narrow(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '￥' => '¥',
        '￡' => '£',
        '−' => '-',
        _ => c,
    }
}
