//! The pieces a line may break between, each with its times.

use super::Utterance;
use crate::chars::{
    columns, ends_clause, ends_sentence, is_ideographic, is_mark, is_word, opens, width,
};

/// A word with its punctuation, or one character of a script written without spaces.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Atom {
    pub text: String,
    /// Columns of `text`.
    pub columns: usize,
    /// Whether a space stands before it in the text.
    pub space: bool,
    pub start: f64,
    pub end: f64,
}

impl Atom {
    fn new(text: String, space: bool) -> Self {
        let columns = columns(&text);
        Atom {
            text,
            columns,
            space,
            start: 0.0,
            end: 0.0,
        }
    }

    pub fn ends_sentence(&self) -> bool {
        self.last().is_some_and(ends_sentence)
    }

    pub fn ends_clause(&self) -> bool {
        self.last().is_some_and(ends_clause)
    }

    /// The last character, closing quotes set aside.
    fn last(&self) -> Option<char> {
        self.text
            .trim_end_matches(['"', '\'', '”', '’', '」', '』', '）'])
            .chars()
            .last()
    }
}

/// Splits an utterance into pieces of at most so many columns, each with its times.
pub(super) fn atoms(utterance: &Utterance, widest: usize) -> Vec<Atom> {
    let mut atoms = split(&utterance.text, widest);
    let clock = Clock::new(utterance);
    let mut position = 0;
    for atom in &mut atoms {
        let letters = letters(&atom.text).count();
        (atom.start, atom.end) = clock.span(position, position + letters);
        position += letters;
    }
    atoms
}

fn split(text: &str, widest: usize) -> Vec<Atom> {
    let mut atoms: Vec<Atom> = Vec::new();
    for token in text.split_whitespace() {
        // Control characters would break the file format.
        let token: String = token.chars().filter(|c| !c.is_control()).collect();
        let mut space = !atoms.is_empty();
        let mut current = String::new();
        let mut previous: Option<char> = None;
        for c in token.chars() {
            if previous.is_some_and(|p| breaks_between(p, c) || overflows(&current, c, widest)) {
                atoms.push(Atom::new(std::mem::take(&mut current), space));
                space = false;
            }
            current.push(c);
            previous = Some(c);
        }
        if !current.is_empty() {
            atoms.push(Atom::new(current, space));
        }
    }
    atoms
}

/// Whether a line may break between two characters with no space between them.
fn breaks_between(before: char, after: char) -> bool {
    if is_mark(after) || opens(before) {
        return false;
    }
    // Closing punctuation stays with the character before it.
    let after_starts = is_word(after) || opens(after);
    after_starts
        && (is_ideographic(before)
            || is_ideographic(after)
            || opens(after) && width(before) == 2
            || width(before) == 2 && !is_word(before))
}

/// A token longer than a line (a script without spaces, an address) is cut at the line's end.
fn overflows(current: &str, next: char, widest: usize) -> bool {
    !is_mark(next) && columns(current) + width(next) > widest
}

/// Letters and digits only: what a text and its list of words have in common.
fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars()
        .filter(|c| is_word(*c))
        .flat_map(char::to_lowercase)
}

/// Says when the n-th letter of an utterance was said.
struct Clock {
    /// Start and end of every letter.
    times: Vec<(f64, f64)>,
    start: f64,
    end: f64,
}

impl Clock {
    fn new(utterance: &Utterance) -> Self {
        let start = finite(utterance.start, 0.0);
        let end = finite(utterance.end, start).max(start);
        let total = letters(&utterance.text).count();
        let words_match = !utterance.words.is_empty()
            && letters(&utterance.text).eq(utterance.words.iter().flat_map(|w| letters(&w.word)));
        let mut times = Vec::with_capacity(total);
        if words_match {
            let mut floor = start;
            for word in &utterance.words {
                let from = finite(word.start, floor).clamp(floor, end);
                let to = finite(word.end, from).clamp(from, end);
                share(&mut times, letters(&word.word).count(), from, to);
                floor = from;
            }
        } else {
            share(&mut times, total, start, end);
        }
        Clock { times, start, end }
    }

    /// Times of the letters `from..to`; of punctuation alone, the instant before it.
    fn span(&self, from: usize, to: usize) -> (f64, f64) {
        if from < to
            && let (Some(first), Some(last)) = (self.times.get(from), self.times.get(to - 1))
        {
            return (first.0, last.1.max(first.0));
        }
        let instant = match from.checked_sub(1).and_then(|i| self.times.get(i)) {
            Some(before) => before.1,
            None if self.times.is_empty() => return (self.start, self.end),
            None => self.start,
        };
        (instant, instant)
    }
}

/// Shares a stretch of time out evenly among `count` letters.
fn share(times: &mut Vec<(f64, f64)>, count: usize, from: f64, to: f64) {
    let step = (to - from) / count.max(1) as f64;
    times.extend((0..count).map(|i| (from + step * i as f64, from + step * (i + 1) as f64)));
}

fn finite(value: f64, otherwise: f64) -> f64 {
    if value.is_finite() {
        value.max(0.0)
    } else {
        otherwise
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subtitles::{LINE_COLUMNS, TimedWord};

    fn texts(text: &str) -> Vec<String> {
        split(text, LINE_COLUMNS)
            .into_iter()
            .map(|a| a.text)
            .collect()
    }

    #[test]
    fn chinese_breaks_between_characters_and_keeps_punctuation_with_them() {
        assert_eq!(texts("你好，「世界」。"), ["你", "好，", "「世", "界」。"]);
        assert_eq!(texts("用GPT说话"), ["用", "GPT", "说", "话"]);
    }

    #[test]
    fn other_scripts_break_at_spaces_and_never_before_a_mark() {
        assert_eq!(texts("well-known  don't."), ["well-known", "don't."]);
        let thai = "ก็".repeat(60);
        for piece in texts(&thai) {
            assert!(piece.starts_with('ก') && columns(&piece) <= LINE_COLUMNS);
        }
    }

    #[test]
    fn pieces_take_the_times_of_their_words() {
        let word = |word: &str, start, end| TimedWord {
            word: word.into(),
            start,
            end,
        };
        let utterance = Utterance {
            text: "Hello, you.".into(),
            start: 1.0,
            end: 3.0,
            words: vec![word("Hello", 1.1, 1.5), word("you", 2.0, 2.5)],
            label: None,
        };
        let atoms = atoms(&utterance, LINE_COLUMNS);
        assert!((atoms[0].start - 1.1).abs() < 1e-9 && (atoms[0].end - 1.5).abs() < 1e-9);
        assert!((atoms[1].start - 2.0).abs() < 1e-9 && (atoms[1].end - 2.5).abs() < 1e-9);
    }

    #[test]
    fn without_word_times_the_time_is_shared_out_by_length() {
        let utterance = Utterance {
            text: "ab cdefgh".into(),
            start: 0.0,
            end: 4.0,
            ..Default::default()
        };
        let atoms = atoms(&utterance, LINE_COLUMNS);
        assert!((atoms[0].end - 1.0).abs() < 1e-9 && (atoms[1].end - 4.0).abs() < 1e-9);
    }
}
