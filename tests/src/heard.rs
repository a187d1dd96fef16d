//! Whether what was said was heard.

use std::ops::Range;

/// Lower-case words without punctuation.
pub fn words(text: &str) -> Vec<String> {
    let plain = |word: &str| {
        word.chars()
            .filter(|c| c.is_alphanumeric())
            .collect::<String>()
    };
    text.split_whitespace()
        .map(|word| plain(word).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

/// What is said in [`crate::recording`].
pub fn spoken() -> Vec<String> {
    words(
        "and so my fellow americans ask not what your country can do for you \
         ask what you can do for your country",
    )
}

/// Words that were changed, lost or invented (edit distance).
fn word_errors(said: &[String], heard: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (i, said) in said.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, heard) in heard.iter().enumerate() {
            let best = (diagonal + usize::from(said != heard))
                .min(row[j] + 1)
                .min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], best);
        }
    }
    row[heard.len()]
}

/// Whether `phrase` is somewhere in `said`, give or take a third of its words: what is heard of
/// a call depends on which packets were lost and how busy the machine was.
pub fn holds(said: &str, phrase: &str) -> bool {
    let (said, phrase) = (words(said), words(phrase));
    let allowed = phrase.len() / 3;
    let runs = (0..=said.len()).flat_map(|from| (from..=said.len()).map(move |to| from..to));
    let like = |run: &Range<usize>| run.len().abs_diff(phrase.len()) <= allowed;
    runs.filter(like)
        .any(|run| word_errors(&phrase, &said[run]) <= allowed)
}

/// Asserts that the whole recording was heard. Cut at pauses, the small model may mishear short
/// words that stand alone ("as not") or run two together ("fellow-american").
pub fn assert_heard(heard: &[String]) {
    let text = heard.join(" ");
    assert!(word_errors(&spoken(), heard) <= 5, "{text}");
    assert!(text.starts_with("and so"), "{text}");
    assert!(
        text.contains("not what your country can do for you"),
        "{text}"
    );
    assert!(text.ends_with("what you can do for your country"), "{text}");
}
