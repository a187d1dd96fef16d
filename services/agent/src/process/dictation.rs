//! Dictated words as text: spoken marks written, fillers and stutters left out, sentences begun
//! with capitals. No language model is asked.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static RULES: LazyLock<BTreeMap<String, Rules>> = LazyLock::new(|| {
    let data = include_str!("../../data/dictation.toml");
    toml::from_str(data).expect("data/dictation.toml is well-formed, by test")
});

#[derive(Deserialize)]
struct Rules {
    fillers: Vec<String>,
    stutters: Vec<String>,
    marks: BTreeMap<String, String>,
    #[serde(default)]
    always_capital: Vec<String>,
}

/// Words that every text of a language has.
pub fn little_words() -> impl Iterator<Item = (&'static str, &'static [String])> {
    RULES
        .iter()
        .map(|(language, rules)| (language.as_str(), rules.stutters.as_slice()))
}

/// The text that was dictated.
pub fn clean(spoken: &str, language: &str) -> String {
    let none = Rules {
        fillers: Vec::new(),
        stutters: Vec::new(),
        marks: BTreeMap::new(),
        always_capital: Vec::new(),
    };
    let rules = RULES.get(language).unwrap_or(&none);
    let words: Vec<&str> = spoken.split_whitespace().collect();
    let mut text = Text::default();
    let mut at = 0;
    let mut before = String::new();
    while at < words.len() {
        if let Some((length, mark)) = mark(rules, &words[at..]) {
            text.mark(mark);
            before.clear();
            at += length;
            continue;
        }
        let bare = bare(words[at]);
        let filler = rules.fillers.contains(&bare);
        let stutter = bare == before && rules.stutters.contains(&bare);
        if filler {
            // Its comma goes with it, but not the end of a sentence.
            let end = words[at]
                .chars()
                .last()
                .filter(|last| matches!(last, '.' | '?' | '!'));
            if let Some(end) = end {
                text.mark(&end.to_string());
            }
        } else if stutter {
            text.replace_last(words[at]);
        } else {
            text.word(words[at], rules.always_capital.contains(&bare));
        }
        if !filler {
            before = bare;
        }
        at += 1;
    }
    text.written.trim().to_owned()
}

/// The longest spoken mark that these words begin with.
fn mark<'a>(rules: &'a Rules, words: &[&str]) -> Option<(usize, &'a str)> {
    for length in (1..=3.min(words.len())).rev() {
        let spoken: Vec<String> = words[..length].iter().map(|word| bare(word)).collect();
        if let Some(mark) = rules.marks.get(&spoken.join(" ")) {
            return Some((length, mark));
        }
    }
    None
}

/// In lower case, without marks around it.
fn bare(word: &str) -> String {
    word.trim_matches(|letter: char| letter.is_ascii_punctuation() || "¿¡।…".contains(letter))
        .to_lowercase()
}

#[derive(Default)]
struct Text {
    written: String,
}

impl Text {
    fn begins_sentence(&self) -> bool {
        let end = self.written.trim_end_matches(' ').chars().last();
        end.is_none_or(|end| matches!(end, '.' | '?' | '!' | '\n' | '।'))
    }

    fn word(&mut self, word: &str, always: bool) {
        let capital = always || self.begins_sentence();
        if !self.written.is_empty() && !self.written.ends_with('\n') {
            self.written.push(' ');
        }
        let mut letters = word.chars();
        match letters.next().filter(|_| capital) {
            Some(first) => {
                self.written.extend(first.to_uppercase());
                self.written.push_str(letters.as_str());
            }
            None => self.written.push_str(word),
        }
    }

    /// The same word again: what stands behind it now counts.
    fn replace_last(&mut self, word: &str) {
        let marks = word.trim_start_matches(|letter: char| !",.?!;:".contains(letter));
        while self.written.ends_with([',', ';']) {
            self.written.pop();
        }
        self.written.push_str(marks);
    }

    fn mark(&mut self, mark: &str) {
        while self.written.ends_with([' ', ',', ';', ':', '.'])
            || mark != "\n" && mark != "\n\n" && self.written.ends_with(['?', '!', '।'])
        {
            // Recognition may have set a mark of its own; a line's end leaves it.
            if mark.starts_with('\n') && !self.written.ends_with(' ') {
                break;
            }
            self.written.pop();
        }
        self.written.push_str(mark);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spoken_marks_are_written_and_fillers_go() {
        for (spoken, language, text) in [
            (
                "um dear Anna comma new line thank you for for the the letter period i will uh answer soon full stop",
                "en",
                "Dear Anna,\nThank you for the letter. I will answer soon.",
            ),
            (
                "is it ready question mark yes exclamation mark",
                "en",
                "Is it ready? Yes!",
            ),
            (
                "First point. new paragraph second point",
                "en",
                "First point.\n\nSecond point",
            ),
            ("Well, um, I think, period.", "en", "Well, I think."),
            (
                "hola coma qué tal signo de interrogación",
                "es",
                "Hola, qué tal?",
            ),
            (
                "bonjour virgule euh je je viens point",
                "fr",
                "Bonjour, je viens.",
            ),
            (
                "ähm guten Tag Komma ich komme Punkt",
                "de",
                "Guten Tag, ich komme.",
            ),
            ("नमस्ते अल्पविराम मैं ठीक हूँ पूर्णविराम", "hi", "नमस्ते, मैं ठीक हूँ।"),
            ("no rules here", "xx", "No rules here"),
            ("comma", "en", ","),
        ] {
            assert_eq!(clean(spoken, language), text, "{spoken}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(spoken in "\\PC{0,80}") {
            let _ = clean(&spoken, "en");
        }

        #[test]
        fn words_that_are_no_marks_and_no_fillers_all_stay(words in prop::collection::vec("[b-d]{3,6}", 1..20)) {
            let text = clean(&words.join(" "), "en").to_lowercase();
            prop_assert_eq!(text, words.join(" "));
        }
    }
}
