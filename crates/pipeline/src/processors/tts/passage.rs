//! A phrase on its way: what of it was made, and what is left when the connection breaks.

use super::alignment::Alignment;
use crate::frame::{Frame, Phrase, TurnId};
use api::synthesis::TimedWord;

/// See the module.
#[derive(Debug)]
pub(super) struct Passage {
    /// The answer it is of.
    pub turn: TurnId,
    /// Calls of it that broke off.
    pub tries: u32,
    /// What tts-server is asked to say: all, or what is left.
    pub spoken: String,
    /// Characters of all that is spoken which are before `spoken`.
    before: usize,
    /// Samples of the answer before this, or before what is left of it.
    base: u64,
    /// Samples made since.
    made: u64,
    /// Of each word of `spoken` that was told: where it begins and ends, in samples since `base`
    /// and in characters.
    words: Vec<Told>,
    alignment: Alignment,
    rate: u32,
}

#[derive(Debug, Clone, Copy)]
struct Told {
    end: u64,
    char_start: usize,
    char_end: usize,
}

impl Passage {
    /// A phrase that begins `base` samples after its answer.
    pub fn new(phrase: Phrase, base: u64, rate: u32) -> Self {
        let spoken = phrase.spoken.unwrap_or_else(|| phrase.text.clone());
        Passage {
            turn: phrase.turn,
            tries: 0,
            alignment: Alignment::new(&phrase.text, &spoken),
            spoken,
            before: 0,
            base,
            made: 0,
            words: Vec::new(),
            rate,
        }
    }

    /// Whether there is anything to be said.
    pub fn is_empty(&self) -> bool {
        !self.spoken.chars().any(char::is_alphanumeric)
    }

    /// Samples of the answer up to here.
    pub fn end(&self) -> u64 {
        self.base + self.made
    }

    /// Silence before it.
    pub fn delay(&mut self, samples: u64) {
        self.base += samples;
    }

    /// Samples were made.
    pub fn sound(&mut self, samples: usize) {
        self.made += samples as u64;
    }

    /// A word will be said; gives what that is in the transcript.
    pub fn word(&mut self, word: &TimedWord) -> Option<Frame> {
        let samples = |ms: u64| ms.saturating_mul(self.rate.into()) / 1000;
        let (from, to) = (samples(word.start_ms), samples(word.end_ms));
        self.words.push(Told {
            end: to,
            char_start: word.char_start,
            char_end: word.char_end,
        });
        let end = self.before.saturating_add(word.char_end);
        let text = self.alignment.say(end)?.to_owned();
        Some(Frame::Word {
            turn: self.turn,
            text,
            from: self.base.saturating_add(from),
            to: self.base.saturating_add(to.max(from)),
        })
    }

    /// The connection broke: what is left begins with the first word that was not made whole.
    pub fn break_off(&mut self) {
        self.tries += 1;
        let cut = match self.words.iter().find(|word| word.end > self.made) {
            Some(unsaid) => unsaid.char_start,
            None => self.words.last().map_or(0, |word| word.char_end),
        };
        let mut rest = self.spoken.char_indices().skip(cut);
        let byte = rest.find(|(_, c)| !c.is_whitespace());
        let byte = byte.map_or(self.spoken.len(), |(at, _)| at);
        self.before += self.spoken[..byte].chars().count();
        self.spoken.drain(..byte);
        self.base += self.made;
        self.made = 0;
        self.words.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, times: (u64, u64), chars: (usize, usize)) -> TimedWord {
        TimedWord {
            text: text.to_owned(),
            start_ms: times.0,
            end_ms: times.1,
            char_start: chars.0,
            char_end: chars.1,
        }
    }

    fn passage() -> Passage {
        let phrase = Phrase {
            turn: TurnId(1),
            text: "Hello my friend.".into(),
            spoken: None,
        };
        Passage::new(phrase, 8000, 8000)
    }

    fn told(frame: Option<Frame>) -> Option<(String, u64, u64)> {
        match frame? {
            Frame::Word { text, from, to, .. } => Some((text, from, to)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_are_told_on_the_clock_of_the_answer() {
        let mut passage = passage();
        let frame = passage.word(&word("Hello", (100, 500), (0, 5)));
        assert_eq!(told(frame), Some(("Hello".into(), 8800, 12000)));
    }

    #[test]
    fn what_is_left_begins_with_the_first_word_that_was_not_made_whole() {
        let mut passage = passage();
        passage.word(&word("Hello", (0, 500), (0, 5)));
        passage.word(&word("my", (500, 700), (6, 8)));
        passage.sound(8000 * 6 / 10);
        passage.break_off();
        assert_eq!(passage.spoken, "my friend.");
        let again = passage.word(&word("my", (0, 200), (0, 2)));
        assert_eq!(told(again), None, "it was told before");
        let frame = passage.word(&word("friend", (200, 600), (3, 9)));
        assert_eq!(
            told(frame),
            Some(("friend.".into(), 12800 + 1600, 12800 + 4800))
        );
        passage.sound(8000);
        passage.break_off();
        assert!(
            passage.is_empty(),
            "only punctuation is left: {:?}",
            passage.spoken
        );
    }

    #[test]
    fn wrong_places_harm_nothing() {
        let mut passage = passage();
        passage.word(&word("x", (u64::MAX, 0), (usize::MAX, usize::MAX)));
        passage.break_off();
        passage.word(&word("x", (5, 3), (900, 2)));
        passage.break_off();
    }
}
