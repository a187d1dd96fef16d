//! Where sentences end.

/// Whether a text ends where a sentence does: a full stop, a question mark or their kin, perhaps
/// inside closing quotes or brackets. An ellipsis says that it does not.
pub fn ends_sentence(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\'' | ')' | ']' | '”' | '’' | '»' | '」' | '』' | '）'
            )
    });
    !text.ends_with("...")
        && !text.ends_with('…')
        && text
            .chars()
            .next_back()
            .is_some_and(crate::chars::ends_sentence)
}

#[cfg(test)]
mod tests {
    use super::ends_sentence;

    #[test]
    fn a_comma_or_an_ellipsis_does_not_end_a_sentence() {
        for text in ["Yes.", "Why?\"", "好。", "「はい。」", "क्या है।", "Stop! "]
        {
            assert!(ends_sentence(text), "{text}");
        }
        for text in [
            "And so, my fellow Americans,",
            "I think...",
            "Well…",
            "and then",
            "",
        ] {
            assert!(!ends_sentence(text), "{text}");
        }
    }
}
