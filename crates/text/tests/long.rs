//! One word over and over, as recognisers write it when they lose the thread: neither the stack nor
//! the time that it takes grows with what is read again from each word.

use text::{Polish, entities};

#[test]
fn a_word_said_over_and_over_is_read_to_its_end() {
    for (language, word) in [
        ("en", "double"),
        ("fr", "double"),
        ("en", "a"),
        ("en", "AB"),
        ("en", "million"),
    ] {
        let text = [word; 6_000].join(" ");
        assert!(entities(&text, language).len() <= 6_000);
        let polish = Polish {
            language,
            punctuation: true,
            itn: true,
            profanity_filter: true,
        };
        assert!(!polish.text(&text).is_empty());
    }
}
