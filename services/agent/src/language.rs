//! What an utterance is in, without asking anybody: its script, and its little words.

use crate::process::dictation::little_words;

/// Scripts that tell a language, by their blocks.
const SCRIPTS: [(char, char, &str); 9] = [
    ('\u{3040}', '\u{30ff}', "ja"),
    ('\u{ac00}', '\u{d7af}', "ko"),
    ('\u{4e00}', '\u{9fff}', "zh"),
    ('\u{0900}', '\u{097f}', "hi"),
    ('\u{0980}', '\u{09ff}', "bn"),
    ('\u{0b80}', '\u{0bff}', "ta"),
    ('\u{0c00}', '\u{0c7f}', "te"),
    ('\u{0e00}', '\u{0e7f}', "th"),
    ('\u{0370}', '\u{03ff}', "el"),
];

/// A language's code of what a client sent: `hi-IN` is `hi`, `auto` is none.
pub fn primary(language: &str) -> Option<String> {
    let code = language
        .split(['-', '_'])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    (code != "auto" && !code.is_empty()).then_some(code)
}

/// Whether a client may send this as a language.
pub fn is_tag(language: &str) -> bool {
    let parts: Vec<&str> = language.split(['-', '_']).collect();
    let first = parts[0];
    (first == "auto"
        || (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic()))
        && language.len() <= 35
        && parts[1..].iter().all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

/// A guess; `und` where there is no telling.
pub fn guess(text: &str) -> String {
    for (first, last, language) in SCRIPTS {
        if text.chars().any(|letter| (first..=last).contains(&letter)) {
            return language.into();
        }
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let count = |known: &[String]| {
        words
            .iter()
            .filter(|word| known.iter().any(|k| k == *word))
            .count()
    };
    let mut scores: Vec<(usize, &str)> = little_words()
        .map(|(language, known)| (count(known), language))
        .collect();
    scores.sort_by(|a, b| b.cmp(a));
    match scores[..] {
        [(best, language), (next, _), ..] if best > next => language.into(),
        _ => "und".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_little_words_tell_languages_apart() {
        for (text, language) in [
            ("What is on my calendar today?", "en"),
            ("¿Qué tengo que hacer en la tarde?", "es"),
            ("Je dois appeler le médecin et la banque", "fr"),
            ("Ich muss die Bank und das Amt anrufen", "de"),
            ("आज मेरी कौन सी मीटिंग है", "hi"),
            ("今天有什么会议", "zh"),
            ("今日の会議は何ですか", "ja"),
            ("Xyzzy", "und"),
        ] {
            assert_eq!(guess(text), language, "{text}");
        }
    }

    #[test]
    fn tags_are_checked_and_cut_to_their_language() {
        assert_eq!(primary("hi-IN").as_deref(), Some("hi"));
        assert_eq!(primary("auto"), None);
        for tag in ["en", "zh-Hans-CN", "auto", "fil"] {
            assert!(is_tag(tag), "{tag}");
        }
        for tag in ["", "e", "english", "en-", "en us", "<b>"] {
            assert!(!is_tag(tag), "{tag}");
        }
    }
}
