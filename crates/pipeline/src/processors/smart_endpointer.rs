//! Decides when the caller is done.
//!
//! asr-server hears where an utterance ends, by its sound (Smart Turn) and its punctuation. Whether
//! the *turn* is over depends on what was said, too: who thinks aloud, ends with "and", or dictates a
//! number is given more time. How much is in `data/endpointing.toml`.

use crate::frame::{Frame, Time, Utterance};
use crate::processor::{Context, Processor, Way};
use crate::utterances::wording;
use crate::wording::{Wording, plain};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

/// Digits of a number that somebody is likely to go on with.
const SOME_DIGITS: std::ops::Range<usize> = 2..10;
/// A voice that paused has its final within this time, or the turn is over without it.
const LATEST: Duration = Duration::from_secs(4);

/// Milliseconds of silence.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Waits {
    incomplete: u64,
    unfinished: u64,
    digits: u64,
    tags: BTreeMap<String, u64>,
}

static WAITS: LazyLock<Waits> = LazyLock::new(|| {
    toml::from_str(include_str!("../../data/endpointing.toml")).expect("checked by a test")
});

/// See the module.
#[derive(Debug, Default)]
pub struct SmartEndpointer {
    /// The last utterance of the turn: when the voice ended, and the silence it needs.
    last: Option<Last>,
    is_speaking: bool,
    due: Option<Time>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    end: Time,
    /// By its words and tags.
    words: Duration,
    /// By its sound, until the recogniser says that this was waited for.
    sound: Duration,
}

impl SmartEndpointer {
    /// At the start of a call.
    pub fn new() -> Self {
        SmartEndpointer::default()
    }

    /// Ends the turn, now or when its silence has lasted.
    fn arm(&mut self, context: &mut Context) {
        self.due = None;
        let Some(last) = self.last.filter(|_| !self.is_speaking) else {
            return;
        };
        let at = last.end + last.words.max(last.sound);
        if at > context.now {
            self.due = Some(at);
        } else {
            self.end(context);
        }
    }

    fn end(&mut self, context: &mut Context) {
        (self.last, self.due) = (None, None);
        context.down(Frame::EndOfTurn);
    }
}

impl Processor for SmartEndpointer {
    fn name(&self) -> &'static str {
        "SmartEndpointer"
    }

    fn process(&mut self, frame: Frame, way: Way, context: &mut Context) {
        match frame {
            Frame::Final(utterance) => {
                self.is_speaking = false;
                if !utterance.text.is_empty() {
                    let wording = wording(&context.settings, &utterance);
                    self.last = Some(Last {
                        end: utterance.end,
                        words: words_wait(&utterance, wording),
                        sound: sound_wait(&utterance),
                    });
                }
                context.pass(Frame::Final(utterance), way);
                self.arm(context);
            }
            Frame::UtteranceEnded { at } => {
                self.is_speaking = false;
                if let Some(last) = &mut self.last {
                    last.sound = Duration::ZERO;
                }
                context.pass(Frame::UtteranceEnded { at }, way);
                self.arm(context);
            }
            Frame::SpeechStarted { .. } | Frame::SpeechResumed { .. } => {
                (self.is_speaking, self.due) = (true, None);
                context.pass(frame, way);
            }
            Frame::SpeechPaused { .. } => {
                self.due = self.last.map(|_| context.now + LATEST);
                context.pass(frame, way);
            }
            frame => context.pass(frame, way),
        }
    }

    fn wake_at(&self) -> Option<Time> {
        self.due
    }

    fn wake(&mut self, context: &mut Context) {
        if self.due.is_some_and(|due| due <= context.now) {
            self.is_speaking = false;
            self.end(context);
        }
    }
}

fn sound_wait(utterance: &Utterance) -> Duration {
    match utterance.is_complete {
        true => Duration::ZERO,
        false => Duration::from_millis(WAITS.incomplete),
    }
}

fn words_wait(utterance: &Utterance, wording: &Wording) -> Duration {
    let tags = utterance.tags.values();
    let mut wait = tags
        .filter_map(|tag| WAITS.tags.get(tag))
        .copied()
        .max()
        .unwrap_or(0);
    let words = plain(&utterance.text);
    if is_unfinished(&utterance.text, wording) {
        wait = wait.max(WAITS.unfinished);
    }
    if dictates(&words) {
        wait = wait.max(WAITS.digits);
    }
    Duration::from_millis(wait)
}

/// Whether words end with one that something follows; nothing follows a question.
pub(crate) fn is_unfinished(text: &str, wording: &Wording) -> bool {
    if text.trim_end().ends_with(['?', '!', '？', '！']) {
        return false;
    }
    let words = plain(text);
    wording.unfinished.iter().any(|last| {
        let rest = words.strip_suffix(last.as_str());
        // A word by itself is an answer, where words are spaced.
        rest.is_some_and(|rest| rest.ends_with(' ') || rest.ends_with(is_unspaced))
    })
}

fn is_unspaced(c: char) -> bool {
    u32::from(c) >= 0x2E80
}

/// Whether plain words are mostly digits, and end with one.
fn dictates(words: &str) -> bool {
    let digits = words.chars().filter(char::is_ascii_digit).count();
    let letters = words.chars().filter(|c| c.is_alphabetic()).count();
    words.ends_with(|c: char| c.is_ascii_digit())
        && SOME_DIGITS.contains(&digits)
        && letters <= digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{context, ms};

    fn said(text: &str, end: u64, is_complete: bool) -> Frame {
        Frame::Final(Utterance {
            text: text.into(),
            end: ms(end),
            is_complete,
            ..Utterance::default()
        })
    }

    /// Gives frames at their milliseconds, then lets ten seconds pass; when the turn ended.
    fn ends(frames: &[(u64, Frame)]) -> Vec<u64> {
        let (mut endpointer, mut context) = (SmartEndpointer::new(), context());
        let mut ends = Vec::new();
        for now in 0..10_000 {
            context.now = ms(now);
            for (_, frame) in frames.iter().filter(|(at, _)| *at == now) {
                endpointer.process(frame.clone(), Way::Down, &mut context);
            }
            if endpointer.wake_at().is_some_and(|at| at <= context.now) {
                endpointer.wake(&mut context);
            }
            let sent = context.take_sent();
            ends.extend(
                sent.iter()
                    .filter(|(f, _)| *f == Frame::EndOfTurn)
                    .map(|_| now),
            );
        }
        ends
    }

    #[test]
    fn the_table_reads() {
        assert!(WAITS.tags.len() > 5);
    }

    #[test]
    fn a_complete_sentence_ends_the_turn_at_once_and_behind_its_final() {
        let (mut endpointer, mut context) = (SmartEndpointer::new(), context());
        context.now = ms(1300);
        let last = said("I want two tickets.", 1000, true);
        endpointer.process(last.clone(), Way::Down, &mut context);
        let sent: Vec<Frame> = context.take_sent().into_iter().map(|(f, _)| f).collect();
        assert_eq!(sent, [last, Frame::EndOfTurn]);
    }

    #[test]
    fn an_incomplete_one_waits_for_its_silence() {
        let last = said("I want to go", 1000, false);
        assert_eq!(ends(&[(1500, last.clone())]), [3200]);
        let over = Frame::UtteranceEnded { at: ms(1000) };
        assert_eq!(ends(&[(1500, last), (2400, over)]), [2400]);
    }

    #[test]
    fn who_ends_with_and_or_dictates_a_number_has_more_time() {
        assert_eq!(ends(&[(1300, said("Two tickets and", 1000, true))]), [2400]);
        assert_eq!(
            ends(&[(1300, said("It is 555 12.", 1000, true))]),
            [2300],
            "more digits may come"
        );
        assert_eq!(
            ends(&[(1300, said("It is 555 123 4567 0.", 1000, true))]),
            [1300]
        );
        for complete in ["So.", "What is it for?"] {
            assert_eq!(ends(&[(1300, said(complete, 1000, true))]), [1300]);
        }
    }

    #[test]
    fn an_open_question_waits_longer() {
        let utterance = Utterance {
            text: "What could we do?".into(),
            end: ms(1000),
            is_complete: true,
            tags: [("behavior".to_owned(), "BEHAVIOR_QUESTION_OPEN".to_owned())].into(),
            ..Utterance::default()
        };
        assert_eq!(ends(&[(1300, Frame::Final(utterance))]), [1900]);
    }

    #[test]
    fn speech_that_goes_on_takes_the_end_back_and_a_cough_does_not() {
        let first = said("Two tickets and", 1000, true);
        let more = Frame::SpeechStarted { at: ms(1900) };
        let second = said("a seat for my dog.", 3000, true);
        assert_eq!(
            ends(&[(1300, first.clone()), (2000, more.clone()), (3300, second)]),
            [3300]
        );
        let nothing = said("", 2000, true);
        assert_eq!(
            ends(&[(1300, first.clone()), (2000, more.clone()), (2600, nothing)]),
            [2600]
        );
        let paused = Frame::SpeechPaused { at: ms(2400) };
        assert_eq!(
            ends(&[(1300, first), (2000, more), (2500, paused)]),
            [6500],
            "even when nothing comes of it"
        );
    }

    #[test]
    fn silence_ends_nothing() {
        let over = Frame::UtteranceEnded { at: ms(1000) };
        assert!(ends(&[(1500, said("", 1000, true)), (1600, over)]).is_empty());
    }
}
