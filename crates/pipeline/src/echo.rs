//! What the caller hears of us, to know our own words when they come back as an echo.
//!
//! An echo is heard while we speak or just after, so only words that were played about that time
//! count: who answers "Wednesday" to a question that ended with it is the caller.

use crate::frame::{Frame, Time, TurnId};
use crate::wording::plain;
use std::collections::VecDeque;
use std::time::Duration;

/// An echo takes no longer to come back: the line there and back, and what a browser buffers.
const LATEST: Duration = Duration::from_millis(900);
/// How much earlier than our clock says a recogniser may put its beginning.
const EARLIEST: Duration = Duration::from_millis(150);
/// Share of the words that are ours, from which they are an echo.
const SHARE: f64 = 0.65;
/// Of fewer words than this, all must be ours.
const FEW: usize = 3;
/// Words of ours that are remembered.
const KEPT: usize = 400;
/// Words that are compared.
const MOST: usize = 64;

/// A word of ours.
#[derive(Debug)]
struct Word {
    turn: TurnId,
    text: String,
    /// Samples since the first sound of the answer.
    from: u64,
    played: Option<Time>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Said {
    words: VecDeque<Word>,
    /// How many of them were played.
    played: usize,
    /// Where the last answer begins on the clock of speech.
    place: Option<(TurnId, u64)>,
}

impl Said {
    /// Looks at every frame that is sent.
    pub(crate) fn see(&mut self, frame: &Frame, now: Time) {
        match frame {
            Frame::Word {
                turn, text, from, ..
            } => {
                for text in split(&plain(text)) {
                    self.words.push_back(Word {
                        turn: *turn,
                        text,
                        from: *from,
                        played: None,
                    });
                }
                while self.words.len() > KEPT {
                    self.words.pop_front();
                    self.played = self.played.saturating_sub(1);
                }
            }
            Frame::Placed { turn, at } => {
                self.place = Some((*turn, *at));
                self.forget_unplayed(|word| word.turn < *turn);
            }
            Frame::Played { spoken, .. } => self.play(*spoken, now),
            Frame::Interrupt => self.forget_unplayed(|_| true),
            _ => {}
        }
    }

    fn forget_unplayed(&mut self, which: impl Fn(&Word) -> bool) {
        self.words
            .retain(|word| word.played.is_some() || !which(word));
    }

    fn play(&mut self, spoken: u64, now: Time) {
        let Some((turn, at)) = self.place else {
            return;
        };
        while let Some(word) = self.words.get_mut(self.played)
            && word.turn == turn
            && at + word.from < spoken
        {
            word.played = Some(now);
            self.played += 1;
        }
    }

    /// Whether words that were heard at this time are ours come back.
    pub fn is_echo(&self, text: &str, start: Time, end: Time) -> bool {
        let heard = split(&plain(text));
        let heard = &heard[..heard.len().min(MOST)];
        let about = start.saturating_sub(LATEST)..=end + EARLIEST;
        let ours: Vec<&str> = self
            .words
            .iter()
            .filter(|word| word.played.is_some_and(|at| about.contains(&at)))
            .map(|word| word.text.as_str())
            .collect();
        if heard.is_empty() || ours.is_empty() {
            return false;
        }
        let common = common(heard, &ours);
        match heard.len() {
            few if few < FEW => common == few,
            many => common as f64 >= SHARE * many as f64,
        }
    }
}

/// Words; characters, where words are not spaced.
fn split(plain: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in plain.split(' ').filter(|word| !word.is_empty()) {
        let mut open = String::new();
        for c in word.chars() {
            if u32::from(c) < 0x2E80 {
                open.push(c);
                continue;
            }
            if !open.is_empty() {
                words.push(std::mem::take(&mut open));
            }
            words.push(c.to_string());
        }
        if !open.is_empty() {
            words.push(open);
        }
    }
    words
}

/// Words that both have, in the same order: the longest common subsequence.
fn common(heard: &[String], ours: &[&str]) -> usize {
    let mut row = vec![0; ours.len() + 1];
    for word in heard {
        let mut diagonal = 0;
        for (at, other) in ours.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = match alike(word, other) {
                true => diagonal + 1,
                false => above.max(row[at]),
            };
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Whether one may be the other misheard: a third of the letters, of words of four or more.
fn alike(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (short, long) = (a.len().min(b.len()), a.len().max(b.len()));
    if short < 4 || long > 32 || long - short > long / 3 {
        return false;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().is_some_and(|&edits| edits <= long / 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Sound;
    use crate::testing::ms;
    use proptest::prelude::*;

    /// Says words, a word each 300 ms from `start` on, as far as they are played by `until`.
    fn said(text: &str, start: u64, until: u64) -> Said {
        let mut said = Said::default();
        let turn = TurnId(1);
        for (i, word) in text.split(' ').enumerate() {
            let from = i as u64 * 2400;
            let word = Frame::Word {
                turn,
                text: word.into(),
                from,
                to: from + 2400,
            };
            said.see(&word, ms(0));
        }
        said.see(&Frame::Placed { turn, at: 0 }, ms(start));
        for now in (start..=until).step_by(20) {
            let played = Frame::Played {
                sound: Sound {
                    samples: [].into(),
                    at: 0,
                },
                spoken: (now - start) * 8,
                heard: 0,
            };
            said.see(&played, ms(now));
        }
        said
    }

    const TEXT: &str = "Would you like to come on Monday or on Wednesday?";

    #[test]
    fn our_words_that_come_back_are_an_echo_even_misheard() {
        let said = said(TEXT, 1000, 4000);
        assert!(said.is_echo("you like to come", ms(1400), ms(2700)));
        assert!(said.is_echo("You'd like to calm on Munday", ms(1400), ms(3100)));
        assert!(said.is_echo("Monday", ms(3000), ms(3400)));
    }

    #[test]
    fn what_the_caller_says_is_none() {
        let said = said(TEXT, 1000, 4000);
        assert!(!said.is_echo("No, stop, I need something else", ms(1400), ms(3000)));
        assert!(!said.is_echo("Stop", ms(2000), ms(2300)));
        assert!(
            !said.is_echo("Wednesday", ms(5000), ms(5400)),
            "an answer, a second later"
        );
        assert!(
            !said.is_echo("Wednesday", ms(1400), ms(1800)),
            "not said yet"
        );
    }

    #[test]
    fn what_was_never_played_cannot_come_back() {
        let mut said = said(TEXT, 1000, 2000);
        said.see(&Frame::Interrupt, ms(2000));
        assert!(!said.is_echo("on Monday or on Wednesday", ms(2000), ms(3000)));
        assert!(said.is_echo("would you like", ms(1100), ms(2000)));
    }

    #[test]
    fn unspaced_scripts_compare_by_character() {
        let said = said("你好 今天 需要 什么 帮助", 1000, 3000);
        assert!(said.is_echo("今天需要什么", ms(1400), ms(2500)));
        assert!(!said.is_echo("我想订两张票", ms(1400), ms(2500)));
    }

    proptest! {
        #[test]
        fn no_words_are_too_strange(text in "\\PC{0,300}", start in 0u64..5000, end in 0u64..5000) {
            said(TEXT, 1000, 4000).is_echo(&text, ms(start), ms(end));
        }

        #[test]
        fn all_our_words_are_an_echo_of_themselves(skip in 0usize..7, count in 3usize..10) {
            let words: Vec<&str> = TEXT.split(' ').skip(skip).take(count).collect();
            prop_assume!(words.len() >= 3);
            let begin = 1000 + 300 * skip as u64;
            prop_assert!(said(TEXT, 1000, 4500).is_echo(
                &words.join(" "), ms(begin + 100), ms(begin + 100 + 300 * words.len() as u64)));
        }
    }
}
