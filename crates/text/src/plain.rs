//! Text without punctuation and casing, for `punctuation=false`.
//!
//! What belongs to a word or a number stays: apostrophes and hyphens inside words, `3.5`,
//! `10,000`, `10:30`, `-5`, `$5`, `5%`, `AT&T`, `example.com`, `f***`. Dotted abbreviations close up
//! (`U.S.` gives `us`). Works token by token, so a text and the list of its words always
//! come out alike.

use crate::chars::{is_foreign_punctuation, is_ideographic, is_mark, is_word};

/// Strips punctuation and casing.
///
/// `language` is an ISO 639-1 code; only Turkish and Azeri need it (dotted and dotless i).
/// Words come out separated by single spaces. A token of punctuation alone disappears.
pub fn plain(text: &str, language: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for token in text.split_whitespace() {
        for word in plain_token(token).split_ascii_whitespace() {
            if !out.is_empty() {
                out.push(' ');
            }
            let closed_up = dotted_abbreviation(word);
            out.push_str(&lower(closed_up.as_deref().unwrap_or(word), language));
        }
    }
    out
}

/// A word without the punctuation around it, casing and inner marks untouched: `Hello,` gives
/// `Hello`, `U.S.` and `$5` stay. Empty when there is nothing but punctuation.
pub fn bare_word(word: &str) -> String {
    let chars: Vec<char> = word.trim().chars().collect();
    let kept = |i: &usize| {
        let before = i.checked_sub(1).map(|j| chars[j]);
        stays(before, straighten(chars[*i]), chars.get(i + 1).copied())
    };
    let (Some(first), Some(last)) = ((0..chars.len()).find(kept), (0..chars.len()).rfind(kept))
    else {
        return String::new();
    };
    let core: String = chars[first..=last].iter().collect();
    // The point after an abbreviation belongs to it.
    let abbreviation = chars.get(last + 1) == Some(&'.') && dotted_abbreviation(&core).is_some();
    if abbreviation { core + "." } else { core }
}

/// Lower case by the rules of the language.
fn lower(token: &str, language: &str) -> String {
    if matches!(language, "tr" | "az") {
        return token.replace('İ', "i").replace('I', "ı").to_lowercase();
    }
    // Unicode lower-cases a lone dotted capital I to two code points; one reads better.
    token.replace('İ', "i").to_lowercase()
}

/// One token, no whitespace in it, casing untouched. May come out as several words.
fn plain_token(token: &str) -> String {
    let chars: Vec<char> = token.chars().map(straighten).collect();
    let mut out = String::with_capacity(token.len());
    let mut gap = false;
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).map(|j| chars[j]);
        let after = chars.get(i + 1).copied();
        if !stays(before, c, after) {
            gap = true;
            continue;
        }
        if gap
            && let Some(last) = out.chars().last()
            && !(is_ideographic(last) && is_ideographic(c))
        {
            out.push(' ');
        }
        gap = false;
        out.push(c);
    }
    out
}

/// Typographic twins of ASCII marks, so that one rule serves both.
fn straighten(c: char) -> char {
    match c {
        '’' | '‘' | 'ʼ' | '＇' => '\'',
        '‐' | '‑' | '‒' | '−' | '－' => '-',
        '．' => '.',
        '％' => '%',
        '＆' => '&',
        '＠' => '@',
        _ => c,
    }
}

/// Whether a character belongs to the word or number around it.
fn stays(before: Option<char>, c: char, after: Option<char>) -> bool {
    let word_before = before.is_some_and(is_word);
    let word_after = after.is_some_and(is_word);
    let digit_before = before.is_some_and(char::is_numeric);
    let digit_after = after.is_some_and(char::is_numeric);
    match c {
        '\'' | '_' | '/' => word_before && word_after,
        '-' => word_before && word_after || !word_before && digit_after,
        ',' | ':' => digit_before && digit_after,
        // Inside numbers and addresses; a leading point only before a digit (".5").
        '.' => word_before && word_after || before.is_none() && digit_after,
        '#' => word_after || word_before, // "#1", "C#"
        // A masked word: "f***".
        '*' => word_before && after == Some('*') || before == Some('*'),
        '@' => word_after,
        // Spoken signs.
        '%' | '&' | '+' | '=' | '$' => true,
        _ if c.is_ascii() => c.is_ascii_alphanumeric(),
        _ if is_mark(c) && !c.is_alphanumeric() => word_before,
        _ => !is_foreign_punctuation(c) && !c.is_control(),
    }
}

/// `U.S.A.`, `a.m.`, `Ph.D.` closed up; `None` for anything else.
fn dotted_abbreviation(word: &str) -> Option<String> {
    let mut parts = word.split('.');
    let first = parts.next()?;
    if first.is_empty() || first.chars().count() > 2 || !first.chars().all(char::is_alphabetic) {
        return None;
    }
    let mut out = first.to_owned();
    for part in parts {
        let mut letters = part.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) if letter.is_alphabetic() => out.push(letter),
            _ => return None,
        }
    }
    word.contains('.').then_some(out)
}

#[cfg(test)]
mod tests {
    use super::{bare_word, plain};
    use proptest::prelude::*;

    fn en(text: &str) -> String {
        plain(text, "en")
    }

    #[test]
    fn punctuation_and_casing_go() {
        assert_eq!(
            en("Hello, good morning. How are you?"),
            "hello good morning how are you"
        );
        assert_eq!(
            en("\"Wait\" -- he said (softly) … \u{201c}no\u{201d}!"),
            "wait he said softly no"
        );
        assert_eq!(en("end.\nNext"), "end next");
        assert_eq!(en("- . ! ♪"), "");
    }

    #[test]
    fn apostrophes_and_hyphens_inside_words_stay() {
        assert_eq!(
            en("Don’t! The dogs' well-known 'rock'n'roll'"),
            "don't the dogs well-known rock'n'roll"
        );
        assert_eq!(en("word—word one–two"), "word word one two");
    }

    #[test]
    fn numbers_and_signs_stay() {
        assert_eq!(
            en("It's 3.5, 10,000; 10:30, -5 and .5."),
            "it's 3.5 10,000 10:30 -5 and .5"
        );
        assert_eq!(
            en("$5.20, 50%! AT&T; C#, #1; 24/7"),
            "$5.20 50% at&t c# #1 24/7"
        );
        assert_eq!(en("Mail a_b@example.com."), "mail a_b@example.com");
    }

    #[test]
    fn dotted_abbreviations_close_up() {
        assert_eq!(
            en("In the U.S., at 5 p.m., a Ph.D."),
            "in the us at 5 pm a phd"
        );
        assert_eq!(en("Node.js e.g. this"), "node.js eg this");
    }

    #[test]
    fn chinese_and_japanese_close_up() {
        assert_eq!(plain("你好，世界。", "zh"), "你好世界");
        assert_eq!(
            plain("「はい」、GPT、です。", "ja"),
            "はい GPT です".to_lowercase()
        );
        assert_eq!(plain("ジョン・スミス", "ja"), "ジョンスミス");
    }

    #[test]
    fn indic_vowel_signs_and_arabic_letters_stay() {
        assert_eq!(plain("नमस्ते, क्या हाल है?", "hi"), "नमस्ते क्या हाल है");
        assert_eq!(plain("पाँच सौ।", "hi"), "पाँच सौ");
        assert_eq!(plain("مرحبا، كيف؟", "ar"), "مرحبا كيف");
    }

    #[test]
    fn lower_case_follows_the_language() {
        assert_eq!(plain("IŞIK İzmir", "tr"), "ışık izmir");
        assert_eq!(plain("ISIK İzmir", "en"), "isik izmir");
        assert_eq!(plain("ΟΔΟΣ", "el"), "οδος");
        assert_eq!(plain("Straße", "de"), "straße");
    }

    #[test]
    fn a_bare_word_keeps_what_is_inside() {
        for (word, bare) in [
            ("Hello,", "Hello"),
            ("\"Wait\"", "Wait"),
            ("don’t!", "don’t"),
            ("U.S.", "U.S."),
            ("3.5.", "3.5"),
            ("$5,", "$5"),
            ("(50%)", "50%"),
            ("-", ""),
            ("你好。", "你好"),
            ("क्या?", "क्या"),
        ] {
            assert_eq!(bare_word(word), bare);
        }
    }

    proptest! {
        /// Every letter and digit of the input is in the output, in order.
        #[test]
        fn no_letter_or_digit_is_lost(text in "\\PC{0,60}") {
            let letters = |t: &str| t.chars().filter(|c| c.is_alphanumeric())
                .collect::<String>().to_lowercase();
            // Sigma and dotted I depend on their surroundings; leave them to the examples.
            prop_assume!(!text.chars().any(|c| matches!(c, 'Σ' | 'σ' | 'ς' | 'İ' | '\u{307}')));
            prop_assert_eq!(letters(&plain(&text, "en")), letters(&text));
        }

        #[test]
        fn a_text_and_its_words_come_out_alike(words in prop::collection::vec("[A-Za-z0-9.,'’$%\\-é你，]{1,8}", 0..12)) {
            let whole = plain(&words.join(" "), "en");
            let each: Vec<String> = words.iter().map(|w| plain(w, "en")).filter(|w| !w.is_empty()).collect();
            prop_assert_eq!(whole, each.join(" "));
        }

        #[test]
        fn stripping_twice_changes_nothing_more(text in "[A-Za-z .,;'’!?\\-]{0,60}") {
            let once = plain(&text, "en");
            prop_assert_eq!(plain(&once, "en"), once);
        }
    }
}
