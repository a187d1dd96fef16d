//! Interims that do not flicker: a word that two hypotheses in a row agree on stays until three in
//! a row agree that it was another.
//!
//! While speech goes on, the last word of a hypothesis is held back: it may be half of one.

/// Hypotheses in a row that take a settled word back.
const RIVALS: usize = 3;
/// How far a word may have moved, in words, to be found again.
const MOVED: usize = 2;

/// What was shown of the open utterance.
#[derive(Debug, Default)]
pub struct Stable {
    shown: Line,
    /// How many of its words two hypotheses in a row agreed on.
    settled: usize,
    /// The last hypothesis, if it contradicts a settled word, and how many in a row agreed.
    rival: Option<(Line, usize)>,
}

/// A text, and its words as they compare, each with the byte where it ends.
#[derive(Debug, Clone, Default)]
struct Line {
    text: String,
    words: Vec<(String, usize)>,
}

impl Stable {
    /// The text to show for this hypothesis; `ends`: whether speech pauses after it.
    pub fn show(&mut self, text: &str, ends: bool) -> &str {
        let mut line = Line::new(text);
        if !ends {
            line.hold_back();
        }
        let agreed = line.common(&self.shown);
        if agreed >= self.settled {
            (self.settled, self.rival) = (agreed, None);
            self.shown = line;
            return &self.shown.text;
        }
        let votes = match &self.rival {
            Some((rival, votes)) if line.common(rival) > agreed => votes + 1,
            _ => 1,
        };
        if votes >= RIVALS {
            self.settled = self
                .rival
                .take()
                .map_or(0, |(rival, _)| line.common(&rival));
            self.shown = line;
        } else {
            self.shown = self.shown.continued(self.settled, &line);
            self.rival = Some((line, votes));
        }
        &self.shown.text
    }

    /// Another utterance begins.
    pub fn clear(&mut self) {
        *self = Stable::default();
    }
}

impl Line {
    fn new(text: &str) -> Self {
        let mut words: Vec<(String, usize)> = Vec::new();
        let mut inside = false;
        for (start, c) in text.char_indices() {
            let end = start + c.len_utf8();
            // Scripts without spaces compare by character; what joins words does not count.
            let alone = u32::from(c) >= 0x2E80;
            if c.is_alphanumeric() {
                match words.last_mut() {
                    Some((word, last)) if inside && !alone => {
                        word.extend(c.to_lowercase());
                        *last = end;
                    }
                    _ => words.push((c.to_lowercase().collect(), end)),
                }
                inside = !alone;
            } else {
                inside &= !c.is_whitespace();
            }
        }
        Line {
            text: text.to_owned(),
            words,
        }
    }

    /// Leaves the last word out.
    fn hold_back(&mut self) {
        self.words.pop();
        self.text.truncate(self.end_of(self.words.len()));
    }

    /// Words that both begin with.
    fn common(&self, other: &Line) -> usize {
        let pairs = self.words.iter().zip(&other.words);
        pairs.take_while(|(a, b)| a.0 == b.0).count()
    }

    /// Byte where the first `count` words end.
    fn end_of(&self, count: usize) -> usize {
        count.checked_sub(1).map_or(0, |last| self.words[last].1)
    }

    /// The first `count` words of this line, and what the other has after the last of them.
    fn continued(&self, count: usize, other: &Line) -> Line {
        let mut text = self.text[..self.end_of(count)].to_owned();
        let last = count.checked_sub(1).map(|i| &self.words[i].0);
        let near = (0..=MOVED).flat_map(|by| [count + by, count.saturating_sub(by)]);
        let found = near
            .filter(|&after| (1..=other.words.len()).contains(&after))
            .find(|&after| Some(&other.words[after - 1].0) == last);
        if let Some(after) = found {
            text.push_str(&other.text[other.end_of(after)..]);
        }
        Line::new(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is shown for hypotheses after which speech pauses, so that nothing is held back.
    fn shown(hypotheses: &[&str]) -> Vec<String> {
        let mut stable = Stable::default();
        let show = |text: &&str| stable.show(text, true).to_owned();
        hypotheses.iter().map(show).collect()
    }

    #[test]
    fn a_settled_word_stays_through_a_passing_doubt_and_the_rest_goes_on() {
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
                "Ask not what your",
                "Ask not what your"
            ]
        );
    }

    #[test]
    fn a_settled_word_is_taken_back_when_three_in_a_row_say_so() {
        let shown = shown(&[
            "My God",
            "My God",
            "My fellow",
            "My fellow men",
            "My fellow men too",
        ]);
        assert_eq!(shown[2..], ["My God", "My God", "My fellow men too"]);
    }

    #[test]
    fn casing_and_punctuation_may_change_at_any_time() {
        let shown = shown(&["And so", "And so, my", "and so my friends"]);
        assert_eq!(shown, ["And so", "And so, my", "and so my friends"]);
    }

    #[test]
    fn half_a_word_is_held_back_while_speech_goes_on() {
        let mut stable = Stable::default();
        assert_eq!(stable.show("Ask", false), "");
        assert_eq!(stable.show("Ask not, wha", false), "Ask not");
        assert_eq!(stable.show("Ask not what.", true), "Ask not what.");
    }

    #[test]
    fn characters_are_the_words_where_none_are_spaced() {
        let words = |text| -> Vec<String> {
            Line::new(text)
                .words
                .into_iter()
                .map(|(word, _)| word)
                .collect()
        };
        assert_eq!(words("你好，world"), ["你", "好", "world"]);
        assert_eq!(
            words("Don't — stop."),
            ["don't".replace('\'', ""), "stop".into()]
        );
    }

    proptest! {
        #[test]
        fn no_hypotheses_are_too_strange(texts in prop::collection::vec(("\\PC{0,20}", any::<bool>()), 0..12)) {
            let mut stable = Stable::default();
            for (text, ends) in &texts {
                stable.show(text, *ends);
                prop_assert!(stable.settled <= stable.shown.words.len());
            }
        }
    }
}
