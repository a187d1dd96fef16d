//! Laws that hold for any text.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use synthesis::spoken::{Token, spoken};

use super::time::time;

/// Spans in order, on borders of characters, words not empty.
pub fn check(text: &str, tokens: &[Token]) {
    let mut last = 0;
    for token in tokens {
        assert!(
            text.get(token.source.clone()).is_some(),
            "{token:?} in {text:?}"
        );
        assert!(
            token.source.start >= last,
            "{token:?} runs backwards in {text:?}"
        );
        assert!(
            !token.source.is_empty(),
            "{token:?} stands for nothing in {text:?}"
        );
        last = token.source.start;
        assert!(!token.text.is_empty() && !token.text.contains(char::is_whitespace));
        assert_eq!(
            token.is_mark,
            !token.text.contains(char::is_alphanumeric),
            "{token:?}"
        );
        assert!(
            !token.text.contains(|c: char| c.is_ascii_digit()),
            "{token:?} in {text:?}"
        );
    }
}

/// Letters and digits outside every span.
pub fn lost(text: &str, tokens: &[Token]) -> Vec<(usize, char)> {
    let mut covered = vec![false; text.len()];
    for token in tokens {
        covered[token.source.clone()].fill(true);
    }
    text.char_indices()
        .filter(|(at, c)| c.is_alphanumeric() && !covered[*at] && !is_accent(*c))
        .collect()
}

/// Accents that Unicode counts as letters go with the letter before them.
pub fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}')
}

/// Fragments that readings look for, without tags and links, which hide text knowingly.
fn nasty() -> impl Strategy<Value = String> {
    let fragments = prop::sample::select(vec![
        "1",
        "23",
        "456",
        "7890",
        "000",
        ".",
        ",",
        ":",
        "/",
        "-",
        "–",
        "$",
        "€",
        "£",
        "%",
        "°C",
        "km",
        " ",
        "  ",
        "\n",
        "Dr.",
        "St.",
        "e.g.",
        "U.S.",
        "March",
        "Mon",
        "May",
        "NASA",
        "GPT",
        "IV",
        "VIII",
        "Henry",
        "am",
        "p.m.",
        "th",
        "st",
        "s",
        "'",
        "’",
        "\"",
        "(",
        ")",
        "@",
        "#",
        "_",
        "\\",
        "www.",
        ".com",
        "http://",
        ".pdf",
        "😂",
        "👍🏽",
        "❤️",
        "½",
        "²",
        "×",
        "+",
        "=",
        "^",
        "e",
        "x",
        "v",
        "T",
        "Z",
        "京",
        "мир",
        "かな",
        "한글",
        "नमस्ते",
        "é",
        "e\u{301}",
        "\u{200b}",
        "\u{0}",
        "…",
        "*",
        "**",
        "`",
        "!",
        "?",
        "&",
        "a",
        "A",
        "I",
        "the",
        "WORD",
        "o'clock",
        "million",
        "C++",
        "1st",
        "0",
        "٣",
        "１",
        "~",
        "|",
        "ﬁ",
        "年",
        "月",
        "三",
        "个",
        "本",
        "お茶を",
        "：",
        "《",
        "・",
        "〜",
        "㎡",
        "万",
    ]);
    prop::collection::vec(fragments, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_written_is_lost(text in nasty()) {
        let tokens = spoken(&text, "en");
        check(&text, &tokens);
        prop_assert_eq!(lost(&text, &tokens), [], "{:?}", text);
    }

    #[test]
    fn nothing_written_is_lost_in_other_languages(text in nasty(), language in 0usize..7) {
        let tokens = spoken(&text, ["es", "fr", "it", "pt", "hi", "zh", "ja"][language]);
        check(&text, &tokens);
        prop_assert_eq!(lost(&text, &tokens), [], "{:?}", text);
    }

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        check(&text, &spoken(&text, "en"));
    }

    #[test]
    fn any_text_is_read_in_other_languages(text in any::<String>(), language in 0usize..3) {
        check(&text, &spoken(&text, ["es", "it", "pt"][language]));
    }

    #[test]
    fn numbers_are_said_in_words_of_other_languages(
        number in 0u64..u64::MAX, digits in 1usize..20, language in 0usize..3,
    ) {
        let mut text = number.to_string();
        text.truncate(digits);
        let tokens = spoken(&text, ["es", "it", "pt"][language]);
        check(&text, &tokens);
        prop_assert!(!tokens.is_empty());
    }

    #[test]
    fn any_markup_is_read(text in "[<>/a-c!\\-\"= &;\\[\\]()#*_`\n]{0,60}") {
        check(&text, &spoken(&text, "en"));
    }

    #[test]
    fn numbers_are_said_in_words(number in 0u64..u64::MAX) {
        let text = format!("{number} ");
        let tokens = spoken(&text, "en");
        check(&text, &tokens);
        prop_assert!(!tokens.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_read_in_chinese_and_japanese(text in any::<String>()) {
        for language in ["zh", "ja"] {
            check(&text, &spoken(&text, language));
        }
    }
}

#[test]
fn every_letter_and_digit_of_unicode_is_spoken_in_chinese_and_japanese() {
    for c in ('\u{1}'..=char::MAX).filter(|c| c.is_alphanumeric() && !is_accent(*c)) {
        let text = c.to_string();
        for language in ["zh", "ja"] {
            let tokens = spoken(&text, language);
            check(&text, &tokens);
            assert_eq!(
                lost(&text, &tokens),
                [],
                "{language}: U+{:04X}",
                u32::from(c)
            );
        }
    }
}

#[test]
fn every_letter_and_digit_of_unicode_is_spoken() {
    for c in ('\u{1}'..=char::MAX).filter(|c| c.is_alphanumeric() && !is_accent(*c)) {
        let text = c.to_string();
        for language in ["en", "es", "it", "pt"] {
            let tokens = spoken(&text, language);
            check(&text, &tokens);
            assert_eq!(
                lost(&text, &tokens),
                [],
                "U+{:04X} {language}",
                u32::from(c)
            );
        }
    }
}

#[test]
fn time_grows_with_length_and_no_faster() {
    for unit in [
        "word ",
        "a",
        "1",
        "1,234,567 ",
        "1-",
        "1.",
        ".",
        "a.",
        "A.",
        "(a",
        "<",
        "<b",
        "<!--",
        "[",
        "](",
        "&",
        "#",
        "@",
        "a@",
        "'",
        "a'",
        "😂",
        "1:23 ",
        "$",
        "$5-",
        "March 15, ",
        "_a",
        "/a",
        "京",
        "\n",
        "- ",
        "\u{200b}",
        "e\u{301}",
        ":",
        "1/2 ",
        "VIII ",
        "<script>",
        "x ",
    ] {
        for language in ["en", "es"] {
            let (short, long) = (time(unit, 30_000, language), time(unit, 240_000, language));
            // Were time to grow with the square, eight times the text would take 64 times as long.
            assert!(
                long < Duration::from_millis(250).max(short * 32),
                "{unit:?} {language}: {short:?} for 30 kB, {long:?} for 240 kB"
            );
        }
    }
}

#[test]
fn time_grows_with_length_and_no_faster_in_chinese_and_japanese() {
    for language in ["zh", "ja"] {
        for unit in [
            "a",
            "1",
            "1 ",
            "1-",
            "1.",
            "(1",
            "a.",
            "a@",
            "京",
            "的",
            "我们去",
            "三",
            "あ",
            "は",
            "お茶を",
            "カ",
            "ー",
            "年",
            "1年",
            "1:23 ",
            "¥1",
            "：",
            "·",
            "、",
            "é",
            "\u{301}",
            "１",
            "k",
            "ก",
            "мир",
            "电话1 ",
            "=a",
            "\"a",
        ] {
            let (short, long) = (time(unit, 30_000, language), time(unit, 240_000, language));
            assert!(
                long < Duration::from_millis(250).max(short * 32),
                "{language} {unit:?}: {short:?} for 30 kB, {long:?} for 240 kB"
            );
        }
    }
}

#[test]
fn a_megabyte_is_read_within_seconds() {
    let text = "The 3 dogs paid $5.50 at 3:30 pm, e.g. to Dr. Smith of NASA. ".repeat(17_000);
    let start = Instant::now();
    let tokens = spoken(&text, "en");
    assert!(text.len() > 1_000_000 && tokens.len() > 200_000);
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
}
