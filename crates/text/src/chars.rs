//! What the rest needs to know about single characters: scripts, widths, punctuation.

/// Han, kana and their kin: written without spaces, and a line may break after any of them.
pub(crate) fn is_ideographic(c: char) -> bool {
    matches!(c as u32,
        0x2E80..=0x2FDF            // CJK radicals
        | 0x3005..=0x3007          // iteration mark, closing mark, zero
        | 0x3021..=0x3029
        | 0x3031..=0x3035
        | 0x3040..=0x30FA | 0x30FC..=0x31FF // kana (but the middle dot), bopomofo
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF
        | 0xF900..=0xFAFF
        | 0xFF66..=0xFF9F          // half-width katakana
        | 0x1B000..=0x1B16F
        | 0x20000..=0x3FFFF)
}

/// Columns a character takes in a fixed-width line: East Asian wide and full-width count two,
/// marks that sit on their neighbour none.
pub(crate) fn width(c: char) -> usize {
    if is_mark(c) || c.is_control() {
        return 0;
    }
    let wide = match c as u32 {
        0xFF61..=0xFFDC => false, // half-width forms
        0x1100..=0x115F           // Hangul initials
        | 0x3000..=0x303E
        | 0xAC00..=0xD7A3         // Hangul syllables
        | 0xFE30..=0xFE4F
        | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1F64F | 0x1F900..=0x1F9FF => true,
        _ => is_ideographic(c),
    };
    1 + usize::from(wide)
}

/// Columns of a string.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Combining marks and joiners: never to be parted from the character before them.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c as u32,
        0x0300..=0x036F | 0x0483..=0x0489 | 0x0591..=0x05BD | 0x05BF | 0x05C1..=0x05C2
        | 0x0610..=0x061A | 0x064B..=0x065F | 0x0670 | 0x06D6..=0x06DC
        | 0x0900..=0x0903 | 0x093A..=0x093C | 0x093E..=0x094F | 0x0951..=0x0957 | 0x0962..=0x0963
        | 0x0981..=0x0983 | 0x09BC | 0x09BE..=0x09CD | 0x0A01..=0x0A03 | 0x0A3C..=0x0A51
        | 0x0A81..=0x0A83 | 0x0ABC | 0x0ABE..=0x0ACD | 0x0B01..=0x0B03 | 0x0B3C | 0x0B3E..=0x0B57
        | 0x0BBE..=0x0BCD | 0x0C00..=0x0C04 | 0x0C3E..=0x0C56 | 0x0C81..=0x0C83 | 0x0CBC
        | 0x0CBE..=0x0CD6 | 0x0D00..=0x0D03 | 0x0D3E..=0x0D4D | 0x0D81..=0x0D83 | 0x0DCA..=0x0DDF
        | 0x0E31 | 0x0E33..=0x0E3A | 0x0E47..=0x0E4E | 0x0EB1 | 0x0EB3..=0x0EBC | 0x0EC8..=0x0ECE
        | 0x0F71..=0x0F84 | 0x102B..=0x103E | 0x17B4..=0x17D3
        | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x200C..=0x200D | 0x20D0..=0x20FF
        | 0x3099..=0x309A | 0xFE00..=0xFE0F | 0xFE20..=0xFE2F)
}

/// A character without the marks that writers of Hindi leave out or exchange: no nukta, no
/// joiners, anusvara for chandrabindu.
pub(crate) fn plain_devanagari(c: char) -> Option<char> {
    const BARE: [char; 8] = ['क', 'ख', 'ग', 'ज', 'ड', 'ढ', 'फ', 'य'];
    match c {
        '\u{958}'..='\u{95F}' => Some(BARE[c as usize - 0x958]),
        'ँ' => Some('ं'),
        '\u{93C}' | '\u{200C}' | '\u{200D}' => None,
        _ => Some(c),
    }
}

/// Part of a word or a number: letters, digits and the marks that belong to them.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

/// Ends a sentence.
pub(crate) fn ends_sentence(c: char) -> bool {
    matches!(
        c,
        '.' | '!' | '?' | '…' | '。' | '！' | '？' | '．' | '｡' | '।' | '॥' | '؟' | '۔' | '።'
    )
}

/// Ends a clause.
pub(crate) fn ends_clause(c: char) -> bool {
    matches!(
        c,
        ',' | ';'
            | ':'
            | '，'
            | '、'
            | '；'
            | '：'
            | '､'
            | '،'
            | '؛'
            | '—'
            | '–'
            | ')'
            | '」'
            | '』'
    )
}

/// Opening brackets and quotes of East Asian text: a line does not end with one.
pub(crate) fn opens(c: char) -> bool {
    matches!(
        c,
        '「' | '『' | '（' | '《' | '〈' | '【' | '〔' | '［' | '｛' | '“' | '‘'
    )
}

/// Punctuation outside ASCII: marks of writing that nobody speaks.
///
/// Letters, digits, combining marks, currency and other signs are not in it.
pub(crate) fn is_foreign_punctuation(c: char) -> bool {
    !c.is_alphanumeric()
        && matches!(c as u32,
        0x00A1 | 0x00A6..=0x00A8 | 0x00AB | 0x00AC | 0x00AD | 0x00AF | 0x00B4 | 0x00B6..=0x00B8
        | 0x00BB | 0x00BF
        | 0x02B9..=0x02BA | 0x02BD | 0x02C6..=0x02CF | 0x02D8..=0x02DD
        | 0x037E | 0x0384..=0x0385 | 0x0387
        | 0x055A..=0x055F | 0x0589..=0x058A | 0x05BE | 0x05C0 | 0x05C3 | 0x05C6 | 0x05F3..=0x05F4
        | 0x060C..=0x060D | 0x061B | 0x061D..=0x061F | 0x066D | 0x06D4 | 0x0700..=0x070D
        | 0x0964..=0x0965 | 0x0970 | 0x0DF4 | 0x0E2F | 0x0E4F | 0x0E5A..=0x0E5B
        | 0x0F04..=0x0F0A | 0x0F0D..=0x0F14 | 0x0F3A..=0x0F3D | 0x104A..=0x104F | 0x10FB
        | 0x1360..=0x1368 | 0x1400 | 0x166D..=0x166E | 0x16EB..=0x16ED | 0x17D4..=0x17DA
        | 0x1800..=0x180A
        | 0x200B | 0x200E..=0x200F | 0x2010..=0x202F | 0x2032..=0x205F | 0x2060..=0x206F
        | 0x2190..=0x21FF | 0x2500..=0x25FF | 0x2669..=0x266F | 0x2768..=0x2775
        | 0x27E6..=0x27EF | 0x2E00..=0x2E7F
        | 0x3000..=0x3004 | 0x3008..=0x3020 | 0x302A..=0x3030 | 0x303D | 0x30A0 | 0x30FB
        | 0xA92F | 0xFD3E..=0xFD3F | 0xFE10..=0xFE19 | 0xFE30..=0xFE6B | 0xFEFF
        | 0xFF01..=0xFF03 | 0xFF05..=0xFF0A | 0xFF0C..=0xFF0F | 0xFF1A..=0xFF1B
        | 0xFF1F..=0xFF20 | 0xFF3B..=0xFF40 | 0xFF5B..=0xFF65 | 0xFFFC..=0xFFFD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_not_punctuation() {
        assert!("%€₹°½é你ि".chars().all(|c| !is_foreign_punctuation(c)));
        assert!("«¿…—。、؟।".chars().all(is_foreign_punctuation));
    }

    #[test]
    fn wide_characters_take_two_columns_and_marks_none() {
        assert_eq!(columns("abc"), 3);
        assert_eq!(columns("你好。"), 6);
        assert_eq!(columns("한국"), 4);
        assert_eq!(columns("e\u{301}"), 1);
        assert_eq!(columns("ｱ"), 1);
    }
}
