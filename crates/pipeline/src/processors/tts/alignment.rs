//! Which words of the transcript are said when a word is spoken, where both are not the same:
//! `4500` is said as "forty-five hundred".

use std::ops::Range;

/// With more pairs of words than this, what differs is taken as a whole.
const MOST_PAIRS: usize = 90_000;

/// A text and what is spoken for it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Alignment {
    text: String,
    /// Words of the text, in bytes.
    words: Vec<Range<usize>>,
    /// Of each word spoken: where it begins, in characters, and how many words of the text are
    /// said with it and those before.
    spoken: Vec<(usize, usize)>,
    told: usize,
}

impl Alignment {
    /// Of a text and what is spoken for it.
    pub fn new(text: &str, spoken: &str) -> Self {
        let words = words(text);
        let heard = words_of(spoken);
        let plain = |text: &str, word: &Range<usize>| -> String {
            let word = text[word.clone()].to_lowercase();
            word.chars().filter(|c| c.is_alphanumeric()).collect()
        };
        let left: Vec<String> = words.iter().map(|word| plain(text, word)).collect();
        let right: Vec<String> = heard.iter().map(|(_, word)| plain(spoken, word)).collect();
        let starts = heard.iter().map(|(start, _)| *start);
        let spoken = starts.zip(said_with(&left, &right)).collect();
        Alignment {
            text: text.to_owned(),
            words,
            spoken,
            told: 0,
        }
    }

    /// What of the text is said, and was not before, once the characters before `end` are spoken.
    pub fn say(&mut self, end: usize) -> Option<&str> {
        let begun = self.spoken.partition_point(|(start, _)| *start < end);
        let said = self.spoken.get(begun.checked_sub(1)?)?.1;
        let new = self.words.get(self.told..said)?;
        let (first, last) = (new.first()?, new.last()?);
        self.told = said;
        self.text.get(first.start..last.end)
    }
}

/// Of each word on the right, how many on the left are said with it and those before.
fn said_with(left: &[String], right: &[String]) -> Vec<usize> {
    let mut said = Vec::with_capacity(right.len());
    let mut pairs = pairs(left, right);
    pairs.push((left.len(), right.len()));
    for (at, to) in pairs {
        // Between two pairs, the first word spoken stands for all that is written there.
        if to == said.len() {
            if let Some(last) = said.last_mut() {
                *last = at;
            }
        } else {
            said.resize(to, at);
        }
        if to < right.len() {
            said.push(at + 1);
        }
    }
    said
}

/// The longest common subsequence, as pairs of places.
fn pairs(left: &[String], right: &[String]) -> Vec<(usize, usize)> {
    if left.len() * right.len() > MOST_PAIRS {
        return Vec::new();
    }
    let width = right.len() + 1;
    let mut best = vec![0u32; (left.len() + 1) * width];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            best[i * width + j] = match left[i] == right[j] {
                true => best[(i + 1) * width + j + 1] + 1,
                false => best[(i + 1) * width + j].max(best[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while i < left.len() && j < right.len() {
        if left[i] == right[j] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if best[(i + 1) * width + j] >= best[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

fn words(text: &str) -> Vec<Range<usize>> {
    words_of(text).into_iter().map(|(_, word)| word).collect()
}

/// What stands between spaces, and each sign of scripts without spaces: where it begins, in
/// characters, and its bytes.
fn words_of(text: &str) -> Vec<(usize, Range<usize>)> {
    let mut words: Vec<(usize, Range<usize>)> = Vec::new();
    let mut goes_on = false;
    for (count, (at, c)) in text.char_indices().enumerate() {
        let end = at + c.len_utf8();
        if c.is_whitespace() {
            goes_on = false;
            continue;
        }
        match words.last_mut() {
            // Punctuation behind a sign belongs to it.
            Some((_, word)) if goes_on && !is_sign(c) => word.end = end,
            _ => words.push((count, at..end)),
        }
        goes_on = true;
    }
    words
}

/// Chinese characters and Japanese syllables.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{2FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str, spoken: &str) -> Vec<String> {
        let mut alignment = Alignment::new(text, spoken);
        let words = words_of(spoken).into_iter();
        let told = words.map(|(start, _)| alignment.say(start + 1).unwrap_or("-").to_owned());
        told.collect()
    }

    #[test]
    fn the_same_is_told_word_by_word() {
        assert_eq!(
            told("Hello, my friend.", "Hello, my friend."),
            ["Hello,", "my", "friend."]
        );
        assert_eq!(told("你好吗？", "你好吗？"), ["你", "好", "吗？"]);
    }

    #[test]
    fn a_number_is_told_with_the_first_word_said_for_it() {
        let spoken = "It costs forty-five hundred dollars.";
        let expected = ["It", "costs", "$4500.", "-", "-"];
        assert_eq!(told("It costs $4500.", spoken), expected);
        let spoken = "Call four one five, now";
        assert_eq!(
            told("Call 415 now", spoken),
            ["Call", "415", "-", "-", "now"]
        );
    }

    #[test]
    fn what_is_not_said_is_told_with_the_word_before() {
        assert_eq!(told("Great :) right", "Great right"), ["Great :)", "right"]);
        assert_eq!(told("* one", "one"), ["* one"]);
    }

    proptest! {
        #[test]
        fn every_word_is_told_once_and_in_order(text in "[a-d 1-3,]{0,30}", spoken in "[a-d 1-3,]{1,30}") {
            let told: Vec<String> = told(&text, &spoken).into_iter().filter(|word| word != "-").collect();
            let all: Vec<&str> = text.split_whitespace().collect();
            let told = told.join(" ");
            let told: Vec<&str> = told.split_whitespace().collect();
            if spoken.trim().is_empty() {
                prop_assert!(told.is_empty());
            } else {
                prop_assert_eq!(told, all);
            }
        }

        #[test]
        fn any_text_is_taken(text in ".{0,60}", spoken in ".{0,60}", end in 0usize..100) {
            Alignment::new(&text, &spoken).say(end);
        }
    }
}
