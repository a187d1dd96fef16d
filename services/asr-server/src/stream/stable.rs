//! Interims that do not flicker: a word shown twice in a row stays until two later hypotheses in a
//! row agree that it was another.

/// What was shown of the open utterance.
#[derive(Debug, Default)]
pub struct Stable {
    /// The text shown last, and its words as they compare.
    text: String,
    words: Vec<String>,
    /// How many of the words were shown at least twice in a row.
    settled: usize,
    /// The last hypothesis, if it contradicted a settled word.
    rival: Option<Vec<String>>,
}

impl Stable {
    /// The text to show for this hypothesis.
    pub fn show(&mut self, text: &str) -> &str {
        let words = comparable(text);
        let kept = common(&words, &self.words).min(self.settled);
        let agreed = self.rival.as_ref().map(|rival| common(rival, &words));
        if kept < self.settled && agreed.is_none_or(|agreed| agreed <= kept) {
            self.rival = Some(words);
            return &self.text;
        }
        let before = self.rival.take();
        self.settled = match before {
            Some(rival) if kept < self.settled => common(&rival, &words),
            _ => common(&words, &self.words),
        };
        self.words = words;
        text.clone_into(&mut self.text);
        &self.text
    }

    /// Another utterance begins.
    pub fn clear(&mut self) {
        *self = Stable::default();
    }
}

/// Words without casing and punctuation; characters where words are not spaced.
fn comparable(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for token in text.split_whitespace() {
        let bare: String = token.chars().filter(|c| c.is_alphanumeric()).collect();
        if bare.is_ascii() || bare.chars().all(|c| u32::from(c) < 0x2E80) {
            words.extend((!bare.is_empty()).then(|| bare.to_lowercase()));
        } else {
            words.extend(bare.chars().map(String::from));
        }
    }
    words
}

fn common(a: &[String], b: &[String]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(hypotheses: &[&str]) -> Vec<String> {
        let mut stable = Stable::default();
        hypotheses
            .iter()
            .map(|text| stable.show(text).to_owned())
            .collect()
    }

    #[test]
    fn a_word_shown_twice_stays_through_a_passing_doubt() {
        let shown = shown(&[
            "Ask not",
            "Ask not what",
            "As not what your",
            "Ask not what your",
        ]);
        assert_eq!(
            shown,
            [
                "Ask not",
                "Ask not what",
                "Ask not what",
                "Ask not what your"
            ]
        );
    }

    #[test]
    fn a_word_is_taken_back_when_two_in_a_row_say_so() {
        let shown = shown(&["My God", "My God", "My fellow", "My fellow men"]);
        assert_eq!(shown, ["My God", "My God", "My God", "My fellow men"]);
    }

    #[test]
    fn a_word_shown_once_may_change_at_once_and_so_may_casing() {
        let shown = shown(&["And so", "And so, my", "and so, may"]);
        assert_eq!(shown, ["And so", "And so, my", "and so, may"]);
    }

    #[test]
    fn characters_are_the_words_of_chinese() {
        assert_eq!(
            comparable("你好，world"),
            ["你", "好", "w", "o", "r", "l", "d"]
        );
        assert_eq!(comparable("Don't — stop."), ["dont", "stop"]);
    }
}
