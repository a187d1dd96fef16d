//! When a pause ends a sentence, and when it ends the speaker's turn. Pure: fed frame by frame
//! with the times of the audio, so that it decides alike however fast the audio comes.
//!
//! As soon as speech pauses, what was said so far is given to the end-of-turn model and to the
//! recogniser. The more finished it sounds, the shorter the silence that makes it final: 0.2 s,
//! `endpointing_ms`, or 2.4 times that. Cutting sooner than that costs words: a piece of a sentence
//! is misheard without the rest. The turn is over after `endpointing_ms` to 2 s.

use super::settings::LONGEST_WAIT_MS;
use speech::OpenUtterance;

/// Silence in seconds after which the models are asked.
pub const ASK_S: f64 = 0.06;
/// Silence in seconds that makes a sentence final that is surely finished.
const QUICK_S: f64 = 0.19;
/// How many times `endpointing_ms` an unfinished sentence waits before it is final.
const PATIENCE: f64 = 2.4;
/// Longest wait in seconds.
const LONGEST_S: f64 = LONGEST_WAIT_MS as f64 / 1000.0;
/// Probability of the end-of-turn model from which a sentence is surely finished.
const SURE: f32 = 0.9;
/// And from which it is likely to be: then it counts as a whole utterance.
const LIKELY: f32 = 0.5;
/// Below this it is not: so the listener says of words that break off.
const POSSIBLE: f32 = 0.01;
/// Speech in seconds that is told as such: less may be a click.
const STARTED_S: f64 = 0.09;

/// Speech in seconds that may be a word.
const WORD_S: f64 = 0.2;

/// What is to be done at a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decision {
    /// Tell that speech began at this second.
    Started(f64),
    /// A pause: ask the end-of-turn model, and recognise what there is.
    Ask {
        /// Where speech ended, in seconds.
        speech_end_s: f64,
    },
    /// Speech goes on after a pause, up to this second so far.
    Resumed(f64),
    /// The answer is needed before the next frame.
    Await,
    /// What was said is final.
    Close {
        /// Where speech ended, in seconds.
        speech_end_s: f64,
        /// Whether it is a whole utterance.
        complete: bool,
    },
    /// The speaker's turn is over.
    TurnOver {
        /// Where speech ended, in seconds.
        speech_end_s: f64,
    },
}

/// One stream's endpointer.
#[derive(Debug)]
pub struct Endpointer {
    endpointing_s: f64,
    /// What is likely to be finished is final the sooner the likelier it is.
    eager: bool,
    started: bool,
    /// End of the speech that was asked about, and the answer.
    asked: Option<(f64, Option<f32>)>,
    /// A final was closed: end of its speech, and the silence that ends the turn.
    turn: Option<(f64, f64)>,
}

impl Endpointer {
    /// With the client's `endpointing_ms`, in seconds, and `eager`.
    pub fn new(endpointing_s: f64, eager: bool) -> Self {
        Endpointer {
            endpointing_s,
            eager,
            started: false,
            asked: None,
            turn: None,
        }
    }

    /// Looks at the frame that ends at `now_s`. May be called again for the same frame after an
    /// answer came.
    pub fn look(&mut self, now_s: f64, open: Option<OpenUtterance>) -> Vec<Decision> {
        let mut decisions = Vec::new();
        let Some(open) = open else {
            if let Some((speech_end_s, wait_s)) = self.turn
                && now_s - speech_end_s >= wait_s
            {
                self.turn = None;
                decisions.push(Decision::TurnOver { speech_end_s });
            }
            return decisions;
        };
        if !self.started && open.speech_s >= STARTED_S {
            (self.started, self.turn) = (true, None);
            decisions.push(Decision::Started(open.start_s));
        }
        let (pause_s, speech_end_s) = (open.pause_s(), open.speech_end_s);
        if pause_s < ASK_S {
            if self.asked.take().is_some() {
                decisions.push(Decision::Resumed(speech_end_s));
            }
            return decisions;
        }
        let answer = match self.asked {
            Some((about_s, answer)) if about_s == speech_end_s => answer,
            _ => {
                self.asked = Some((speech_end_s, None));
                decisions.push(Decision::Ask { speech_end_s });
                None
            }
        };
        if pause_s < QUICK_S.min(self.endpointing_s) {
            return decisions;
        }
        let Some(finished) = answer else {
            decisions.push(Decision::Await);
            return decisions;
        };
        if pause_s >= self.final_wait_s(finished) {
            // Less than a word leaves nobody waiting for the rest of the sentence.
            let finished = if open.speech_s < WORD_S {
                1.0
            } else {
                finished
            };
            let complete = finished >= LIKELY;
            decisions.push(Decision::Close {
                speech_end_s,
                complete,
            });
            self.closed(speech_end_s, finished);
        }
        decisions
    }

    /// How finished what was asked about is; an answer about an older pause is of no use any more.
    pub fn answer(&mut self, speech_end_s: f64, finished: f32) {
        if let Some((about_s, answer)) = &mut self.asked
            && *about_s == speech_end_s
        {
            *answer = Some(finished);
        }
    }

    /// Answers the last question without anyone having been asked.
    pub fn assume(&mut self, finished: f32) {
        if let Some((_, answer)) = &mut self.asked {
            *answer = Some(finished);
        }
    }

    /// Whether no answer is owed.
    pub fn is_answered(&self) -> bool {
        !matches!(self.asked, Some((_, None)))
    }

    /// The utterance was ended from outside.
    pub fn close(&mut self, speech_end_s: f64) {
        self.closed(speech_end_s, 1.0);
    }

    /// The turn that waits for its end, which has come: end of its speech.
    pub fn end_turn(&mut self) -> Option<f64> {
        self.turn.take().map(|(speech_end_s, _)| speech_end_s)
    }

    /// A part was cut off while speech goes on.
    pub fn cut(&mut self) {
        self.asked = None;
    }

    fn closed(&mut self, speech_end_s: f64, finished: f32) {
        (self.started, self.asked) = (false, None);
        self.turn = Some((speech_end_s, self.wait_s(finished)));
    }

    /// Silence that makes what was said final.
    fn final_wait_s(&self, finished: f32) -> f64 {
        let quick_s = QUICK_S.min(self.endpointing_s);
        if finished >= SURE {
            quick_s
        } else if self.eager && finished >= LIKELY {
            let unsure = f64::from((SURE - finished) / (SURE - LIKELY));
            quick_s + (self.endpointing_s - quick_s) * unsure
        } else if finished >= POSSIBLE {
            self.endpointing_s
        } else {
            (self.endpointing_s * PATIENCE).min(LONGEST_S)
        }
    }

    fn wait_s(&self, finished: f32) -> f64 {
        let unfinished = f64::from(1.0 - (finished / LIKELY).clamp(0.0, 1.0));
        let wait_s = self.endpointing_s + (LONGEST_S - self.endpointing_s).max(0.0) * unfinished;
        wait_s.max(self.final_wait_s(finished))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FRAME_S: f64 = 0.032;

    /// Plays `speech` (one flag a frame), answering every question at once with `finished`; gives
    /// the decisions with their times in milliseconds.
    fn play(endpointing_s: f64, finished: f32, speech: &[bool]) -> Vec<(i64, Decision)> {
        listen(endpointing_s, false, finished, speech)
    }

    fn listen(
        endpointing_s: f64,
        eager: bool,
        finished: f32,
        speech: &[bool],
    ) -> Vec<(i64, Decision)> {
        let mut endpointer = Endpointer::new(endpointing_s, eager);
        let mut open: Option<OpenUtterance> = None;
        let mut made = Vec::new();
        for (i, &voiced) in speech.iter().enumerate() {
            let now_s = (i + 1) as f64 * FRAME_S;
            if voiced {
                let fresh = OpenUtterance {
                    start_s: now_s - FRAME_S,
                    speech_end_s: 0.0,
                    now_s,
                    speech_s: 0.0,
                };
                let utterance = open.get_or_insert(fresh);
                utterance.speech_end_s = now_s;
                utterance.speech_s += FRAME_S;
            }
            if let Some(open) = &mut open {
                open.now_s = now_s;
            }
            let mut again = true;
            while std::mem::take(&mut again) {
                for decision in endpointer.look(now_s, open) {
                    match decision {
                        Decision::Ask { speech_end_s } => endpointer.answer(speech_end_s, finished),
                        Decision::Await => again = true,
                        Decision::Close { .. } => open = None,
                        _ => {}
                    }
                    made.push(((now_s * 1000.0) as i64, decision));
                }
            }
        }
        made
    }

    fn pattern(parts: &[(bool, usize)]) -> Vec<bool> {
        parts
            .iter()
            .flat_map(|&(voiced, frames)| std::iter::repeat_n(voiced, frames))
            .collect()
    }

    fn closes(made: &[(i64, Decision)]) -> Vec<(i64, bool)> {
        made.iter()
            .filter_map(|(at, decision)| match decision {
                Decision::Close { complete, .. } => Some((*at, *complete)),
                _ => None,
            })
            .collect()
    }

    fn turn_ends(made: &[(i64, Decision)]) -> Vec<i64> {
        made.iter()
            .filter(|(_, d)| matches!(d, Decision::TurnOver { .. }))
            .map(|(at, _)| *at)
            .collect()
    }

    #[test]
    fn a_finished_sentence_is_final_at_once_and_the_turn_ends_with_the_wait() {
        let made = play(
            0.5,
            0.95,
            &pattern(&[(false, 10), (true, 30), (false, 100)]),
        );
        // Speech ends at 1,280 ms.
        assert_eq!(closes(&made), [(1_472, true)]);
        assert_eq!(turn_ends(&made), [1_792]);
    }

    #[test]
    fn the_less_finished_a_sentence_the_longer_it_waits() {
        let made = play(0.5, 0.0, &pattern(&[(true, 30), (false, 100)]));
        // Speech ends at 960 ms.
        assert_eq!(closes(&made), [(2_176, false)]);
        assert_eq!(turn_ends(&made), [2_976]);
        for (finished, complete) in [(0.2, false), (0.6, true)] {
            let made = play(0.5, finished, &pattern(&[(true, 30), (false, 100)]));
            assert_eq!(closes(&made), [(1_472, complete)]);
        }
    }

    #[test]
    fn an_eager_listener_waits_the_less_the_likelier_it_is_the_end() {
        for (finished, at) in [(0.95, 1_152), (0.7, 1_312), (0.5, 1_472), (0.4, 1_472)] {
            let made = listen(0.5, true, finished, &pattern(&[(true, 30), (false, 100)]));
            // Speech ends at 960 ms.
            assert_eq!(closes(&made)[0].0, at, "{finished}");
        }
    }

    #[test]
    fn speech_that_goes_on_after_a_final_takes_the_end_of_the_turn_back() {
        let made = play(
            0.5,
            0.9,
            &pattern(&[(true, 30), (false, 10), (true, 30), (false, 100)]),
        );
        assert_eq!(closes(&made).len(), 2);
        assert_eq!(turn_ends(&made).len(), 1);
    }

    #[test]
    fn a_short_pause_ends_nothing() {
        let made = play(0.5, 0.95, &pattern(&[(true, 30), (false, 5), (true, 30)]));
        assert!(closes(&made).is_empty());
        let resumed = made
            .iter()
            .filter(|(_, d)| matches!(d, Decision::Resumed(_)));
        assert_eq!(resumed.map(|(at, _)| *at).collect::<Vec<_>>(), [1_152]);
    }

    #[test]
    fn a_shorter_endpoint_than_our_own_is_kept_to() {
        let made = play(0.1, 0.6, &pattern(&[(true, 30), (false, 100)]));
        assert_eq!(closes(&made), [(1_088, true)]);
    }

    #[test]
    fn an_answer_about_an_older_pause_is_ignored() {
        let mut endpointer = Endpointer::new(0.5, false);
        let open = |speech_end_s, now_s| {
            Some(OpenUtterance {
                start_s: 0.0,
                speech_end_s,
                now_s,
                speech_s: 1.0,
            })
        };
        endpointer.look(1.1, open(1.0, 1.1));
        endpointer.look(1.5, open(1.4, 1.5));
        endpointer.answer(1.0, 0.9);
        assert_eq!(endpointer.look(1.6, open(1.4, 1.6)), [Decision::Await]);
    }

    proptest! {
        #[test]
        fn every_start_has_a_final_and_no_final_comes_later_than_the_longest_wait(
            parts in prop::collection::vec((any::<bool>(), 1usize..40), 1..20),
            finished in 0.0f32..1.0, endpointing_ms in 10u32..2000, eager in any::<bool>(),
        ) {
            let mut speech = pattern(&parts);
            speech.extend(std::iter::repeat_n(false, 70));
            let endpointing_s = f64::from(endpointing_ms) / 1000.0;
            let made = listen(endpointing_s, eager, finished, &speech);
            let starts = made.iter().filter(|(_, d)| matches!(d, Decision::Started(_))).count();
            prop_assert!(closes(&made).len() >= starts);
            for (at, decision) in &made {
                if let Decision::Close { speech_end_s, .. } = decision {
                    let waited = *at as f64 / 1000.0 - speech_end_s;
                    let longest_s = (PATIENCE * endpointing_s).min(LONGEST_S);
                    prop_assert!(waited <= longest_s.max(ASK_S) + 2.0 * FRAME_S, "{waited}");
                }
            }
        }
    }
}
