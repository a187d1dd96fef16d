//! Whether the caller, who makes a sound while it is our turn, wants the turn.
//!
//! After 0.3 s of voice we keep still. Then words decide: an acknowledgement or our own echo lets us
//! go on, anything else is an interruption; when no words come for a while it was nothing.

use crate::frame::Time;
use crate::turn::TurnState;
use std::time::Duration;

/// Voice from which it may be an interruption.
pub const LONG: Duration = Duration::from_millis(300);
/// How long we keep still for words to come.
const PATIENCE: Duration = Duration::from_millis(1200);

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Keep still until it is clear.
    Hold,
    /// Go on.
    Release,
    /// The turn is the caller's.
    Interrupt,
}

/// What is known of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// None yet.
    Unknown,
    /// None, or none that want the turn: an acknowledgement, an echo.
    Nothing,
    /// The caller says something.
    Words,
}

/// See the module.
#[derive(Debug, Default)]
pub struct BargeIn {
    voice: Option<Voice>,
    held_at: Option<Time>,
}

#[derive(Debug)]
struct Voice {
    at: Time,
    pauses: bool,
    is_long: bool,
    meaning: Meaning,
    /// Kept still for it in vain.
    was_held: bool,
}

impl BargeIn {
    /// The voice began.
    pub fn started(&mut self, at: Time) {
        self.voice = Some(Voice {
            at,
            pauses: false,
            is_long: false,
            meaning: Meaning::Unknown,
            was_held: false,
        });
    }

    /// It paused.
    pub fn paused(&mut self, at: Time) {
        if let Some(voice) = &mut self.voice {
            voice.pauses = true;
            voice.is_long |= at.saturating_sub(voice.at) >= LONG;
        }
    }

    /// It goes on.
    pub fn resumed(&mut self) {
        if let Some(voice) = &mut self.voice {
            voice.pauses = false;
        }
    }

    /// What its words mean so far.
    pub fn means(&mut self, meaning: Meaning) {
        if let Some(voice) = &mut self.voice {
            voice.meaning = meaning;
        }
    }

    /// Its words are final.
    pub fn ended(&mut self) {
        self.voice = None;
    }

    /// Whether somebody speaks.
    pub fn is_open(&self) -> bool {
        self.voice.is_some()
    }

    /// What is to be done now. `may_interrupt`: our speech, and not only our thinking.
    pub fn decide(&mut self, now: Time, state: TurnState, may_interrupt: bool) -> Option<Act> {
        let is_ours = match state {
            TurnState::Thinking => true,
            TurnState::Speaking => may_interrupt,
            TurnState::Listening | TurnState::Interrupted | TurnState::Closing => false,
        };
        if let Some(voice) = &mut self.voice {
            // Whoever's turn it is: it may be ours in a moment.
            voice.is_long |= !voice.pauses && now >= voice.at + LONG;
        }
        let act = match &mut self.voice {
            Some(voice) if is_ours => voice.decide(now, state, self.held_at),
            // What is held is not held for anybody.
            _ => self.held_at.map(|_| Act::Release),
        };
        match act {
            Some(Act::Hold) => self.held_at = Some(now),
            Some(Act::Release | Act::Interrupt) => self.held_at = None,
            None => {}
        }
        act
    }

    /// When to decide again, though nothing happens.
    pub fn wake_at(&self) -> Option<Time> {
        let long = self
            .voice
            .as_ref()
            .filter(|voice| !voice.is_long && !voice.pauses)
            .map(|voice| voice.at + LONG);
        let patience = self.held_at.map(|at| at + PATIENCE);
        long.into_iter().chain(patience).min()
    }
}

impl Voice {
    fn decide(&mut self, now: Time, state: TurnState, held_at: Option<Time>) -> Option<Act> {
        match (self.meaning, held_at) {
            (Meaning::Words, _) => Some(Act::Interrupt),
            (Meaning::Nothing, held) => held.map(|_| Act::Release),
            (Meaning::Unknown, Some(at)) if now >= at + PATIENCE => {
                self.was_held = true;
                Some(Act::Release)
            }
            (Meaning::Unknown, Some(_)) => None,
            // Before anything is heard of an answer it costs nothing to wait.
            (Meaning::Unknown, None) => {
                let is_time = self.is_long || state == TurnState::Thinking;
                (is_time && !self.was_held).then_some(Act::Hold)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ms;
    use proptest::prelude::*;

    fn speaking(barge_in: &mut BargeIn, now: u64) -> Option<Act> {
        barge_in.decide(ms(now), TurnState::Speaking, true)
    }

    #[test]
    fn we_keep_still_after_300_ms_of_voice_and_words_take_the_turn() {
        let mut barge_in = BargeIn::default();
        barge_in.started(ms(1000));
        assert_eq!(speaking(&mut barge_in, 1150), None);
        assert_eq!(barge_in.wake_at(), Some(ms(1300)));
        assert_eq!(speaking(&mut barge_in, 1300), Some(Act::Hold));
        barge_in.means(Meaning::Words);
        assert_eq!(speaking(&mut barge_in, 1500), Some(Act::Interrupt));
    }

    #[test]
    fn a_click_does_not_even_hold() {
        let mut barge_in = BargeIn::default();
        barge_in.started(ms(1000));
        barge_in.paused(ms(1200));
        assert_eq!(speaking(&mut barge_in, 1350), None);
        assert_eq!(barge_in.wake_at(), None);
    }

    #[test]
    fn an_acknowledgement_lets_us_go_on_until_more_is_said() {
        let mut barge_in = BargeIn::default();
        barge_in.started(ms(1000));
        assert_eq!(speaking(&mut barge_in, 1300), Some(Act::Hold));
        barge_in.means(Meaning::Nothing);
        assert_eq!(speaking(&mut barge_in, 1500), Some(Act::Release));
        assert_eq!(speaking(&mut barge_in, 1600), None);
        barge_in.means(Meaning::Words);
        assert_eq!(speaking(&mut barge_in, 1900), Some(Act::Interrupt));
    }

    #[test]
    fn a_sound_without_words_is_waited_for_once() {
        let mut barge_in = BargeIn::default();
        barge_in.started(ms(1000));
        assert_eq!(speaking(&mut barge_in, 1300), Some(Act::Hold));
        assert_eq!(barge_in.wake_at(), Some(ms(2500)));
        assert_eq!(speaking(&mut barge_in, 2500), Some(Act::Release));
        assert_eq!(speaking(&mut barge_in, 3000), None);
        assert_eq!(barge_in.wake_at(), None);
    }

    #[test]
    fn who_goes_on_while_we_think_is_waited_for_at_once() {
        let mut barge_in = BargeIn::default();
        barge_in.started(ms(1000));
        let act = barge_in.decide(ms(1100), TurnState::Thinking, false);
        assert_eq!(act, Some(Act::Hold));
        barge_in.ended();
        let act = barge_in.decide(ms(1400), TurnState::Thinking, false);
        assert_eq!(act, Some(Act::Release));
    }

    #[test]
    fn nothing_is_waited_for_twice_while_it_is_the_callers_turn() {
        let mut barge_in = BargeIn::default();
        barge_in.started(ms(1000));
        assert_eq!(barge_in.wake_at(), Some(ms(1300)));
        let act = barge_in.decide(ms(1300), TurnState::Listening, true);
        assert_eq!((act, barge_in.wake_at()), (None, None));
    }

    #[test]
    fn nobody_interrupts_where_that_is_off_or_we_are_closing() {
        let mut barge_in = BargeIn::default();
        barge_in.started(ms(1000));
        barge_in.means(Meaning::Words);
        assert_eq!(barge_in.decide(ms(1500), TurnState::Speaking, false), None);
        assert_eq!(barge_in.decide(ms(1500), TurnState::Closing, true), None);
    }

    proptest! {
        #[test]
        fn what_is_held_is_always_let_go(events in prop::collection::vec((0u8..7, 0u64..400), 0..40)) {
            let mut barge_in = BargeIn::default();
            let (mut now, mut held) = (0, false);
            for (event, later) in events {
                now += later;
                match event {
                    0 => barge_in.started(ms(now)),
                    1 => barge_in.paused(ms(now)),
                    2 => barge_in.resumed(),
                    3 => barge_in.means(Meaning::Nothing),
                    4 => barge_in.means(Meaning::Words),
                    5 => barge_in.ended(),
                    _ => {}
                }
                match speaking(&mut barge_in, now) {
                    Some(Act::Hold) => { prop_assert!(!held); held = true; }
                    Some(_) => held = false,
                    None => {}
                }
            }
            while held {
                let Some(at) = barge_in.wake_at() else {
                    prop_assert!(false, "held without a deadline");
                    return Ok(());
                };
                now = now.max(at.as_millis() as u64);
                held &= !matches!(speaking(&mut barge_in, now), Some(Act::Release | Act::Interrupt));
            }
        }
    }
}
