//! How a text may be said: a small vocabulary of instructions, `speak slowly and calmly`.

use std::sync::LazyLock;

use crate::phonemes::table;

/// What an instruction changes; everything as the voice has it by default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Factor of speed.
    pub(crate) speed: f32,
    /// How much wider the melody's movements are: -1 flat, 0 as they are, 1 twice as wide.
    pub(crate) spread: f32,
    /// Semitones up.
    pub(crate) shift: f32,
    /// Gain in dB.
    pub(crate) gain: f32,
    /// Share of the voice that becomes breath, 0..1.
    pub(crate) breath: f32,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            speed: 1.0,
            spread: 0.0,
            shift: 0.0,
            gain: 0.0,
            breath: 0.0,
        }
    }
}

/// Word, group, and what it does.
type Entry = (&'static str, &'static str, Style);

static WORDS: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let rows = table::rows(include_str!("../data/instruct.tsv"));
    rows.map(|row| {
        let number = |at: usize| table::column(&row, at).parse().unwrap_or(0.0);
        let style = Style {
            speed: number(2),
            spread: number(3),
            shift: number(4),
            gain: number(5),
            breath: number(6),
        };
        (row[0], table::column(&row, 1), style)
    })
    .collect()
});

/// Words around instructions that mean nothing by themselves.
const IGNORED: [&str; 24] = [
    "speak", "say", "it", "this", "in", "a", "an", "and", "with", "very", "voice", "tone",
    "manner", "style", "please", "more", "be", "sound", "talk", "read", "the", "way", "bit",
    "little",
];

impl Style {
    /// Reads an instruction. Of several words of one group (pace, mood, loudness) the first counts;
    /// for every word that is not understood there is a warning.
    pub fn parse(instruction: &str) -> (Self, Vec<String>) {
        let mut style = Self::default();
        let (mut groups, mut warnings) = (Vec::new(), Vec::new());
        let words = instruction.split(|c: char| !(c.is_alphanumeric() || c == '-'));
        for word in words.filter(|word| !word.is_empty()).take(100) {
            let small = word.to_lowercase();
            match WORDS.iter().find(|(known, ..)| *known == small) {
                Some((_, group, more)) if !groups.contains(group) => {
                    groups.push(*group);
                    style = style.with(more);
                }
                Some(_) => warnings.push(format!("`{small}` comes after another of its kind")),
                None if IGNORED.contains(&small.as_str()) => {}
                None => warnings.push(format!(
                    "instruct: `{}` is not understood",
                    small.chars().take(40).collect::<String>()
                )),
            }
        }
        (style, warnings)
    }

    fn with(self, other: &Self) -> Self {
        Self {
            speed: self.speed * other.speed,
            spread: self.spread + other.spread,
            shift: self.shift + other.shift,
            gain: self.gain + other.gain,
            breath: self.breath.max(other.breath),
        }
    }

    /// The words that are understood, with their groups.
    pub fn vocabulary() -> impl Iterator<Item = (&'static str, &'static str)> {
        WORDS.iter().map(|&(word, group, _)| (word, group))
    }
}

#[cfg(test)]
mod tests {
    use super::Style;

    #[test]
    fn the_example_of_the_reference_is_slow_and_calm() {
        let (style, warnings) = Style::parse("speak slowly and calmly");
        assert!(warnings.is_empty());
        assert!(style.speed < 0.8 && style.spread < 0.0);
    }

    #[test]
    fn what_is_not_understood_is_said_and_changes_nothing() {
        let (style, warnings) = Style::parse("Like a pirate!");
        assert_eq!(style, Style::default());
        assert_eq!(warnings.len(), 2);
        let (style, warnings) = Style::parse("fast, slow");
        assert!(style.speed > 1.0);
        assert_eq!(warnings.len(), 1);
    }
}
