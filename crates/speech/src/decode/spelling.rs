//! Text as comparisons want it: lower case, without punctuation.

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// What a character of recognised text is to a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Part of a word.
    Letter,
    /// Parts words: a space, hyphen or slash.
    Break,
    /// Parts words where a space follows, and ends a sentence.
    Stop,
    /// `'` in any of its forms.
    Apostrophe,
    /// Any other punctuation.
    Nothing,
}

/// What `c` is.
pub(crate) fn mark(c: char) -> Mark {
    match c {
        c if c.is_alphanumeric() || is_combining_mark(c) => Mark::Letter,
        '.' | '!' | '?' | '。' | '！' | '？' | '।' => Mark::Stop,
        '\'' | '’' | '‘' | 'ʼ' | '＇' => Mark::Apostrophe,
        '-' | '‐' | '‑' | '–' | '—' | '/' | '_' => Mark::Break,
        c if c.is_whitespace() => Mark::Break,
        _ => Mark::Nothing,
    }
}

/// Calls `out` with `c` in lower case and without accents: nothing for punctuation, a space for
/// what parts words.
pub(crate) fn fold(c: char, mut out: impl FnMut(char)) {
    match mark(c) {
        Mark::Break => out(' '),
        Mark::Letter if c.is_ascii() => out(c.to_ascii_lowercase()),
        Mark::Letter => {
            for lower in c.to_lowercase() {
                match lower {
                    // Syllables stay whole: each is a sound.
                    '\u{ac00}'..='\u{d7a3}' => out(lower),
                    _ => decompose_canonical(lower, |part| {
                        if !('\u{300}'..='\u{36f}').contains(&part) {
                            out(part);
                        }
                    }),
                }
            }
        }
        Mark::Stop | Mark::Apostrophe | Mark::Nothing => {}
    }
}

/// A text as [`fold`] makes it, spaces neither doubled nor around it.
pub(crate) fn folded(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    for c in text.chars() {
        fold(c, |c| {
            if c != ' ' || !(whole.is_empty() || whole.ends_with(' ')) {
                whole.push(c);
            }
        });
    }
    whole.truncate(whole.trim_end().len());
    whole
}

/// Whether `c` is of a script whose words are not parted by spaces: Chinese, Japanese, Thai, Lao,
/// Burmese, Khmer.
pub(crate) fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Takes the whole characters off the front of `bytes`; what begins one stays, what cannot goes.
pub(crate) fn take_chars(bytes: &mut Vec<u8>) -> String {
    let mut text = String::new();
    loop {
        match std::str::from_utf8(bytes) {
            Ok(rest) => {
                text.push_str(rest);
                bytes.clear();
                return text;
            }
            Err(error) => {
                let valid = error.valid_up_to();
                text.push_str(&String::from_utf8_lossy(&bytes[..valid]));
                match error.error_len() {
                    Some(broken) => drop(bytes.drain(..valid + broken)),
                    None => {
                        bytes.drain(..valid);
                        return text;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casing_accents_and_punctuation_make_no_difference() {
        assert_eq!(folded("O'Brien’s Café, E.M.I.!"), "obriens cafe emi");
        assert_eq!(folded(" check-in  —  now "), "check in now");
        assert_eq!(folded("🙂 !"), "");
        assert_eq!(folded("नमस्ते 서울"), "नमस्ते 서울");
    }

    #[test]
    fn characters_wait_for_their_last_byte() {
        let mut bytes = "né".as_bytes()[..2].to_vec();
        assert_eq!(take_chars(&mut bytes), "n");
        bytes.push(0xA9);
        assert_eq!(take_chars(&mut bytes), "é");
        let mut broken = vec![0xFF, b'a', 0xC3];
        assert_eq!(
            (take_chars(&mut broken), broken),
            ("a".to_owned(), vec![0xC3])
        );
    }
}
