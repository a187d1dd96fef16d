//! Whose turn it is: the states of a call, what moves between them, and how long each may last.
//! `docs/calls.md` has the drawing.

use crate::frame::{EndReason, Frame, Part, Time, TurnId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnState {
    /// The caller's.
    Listening,
    /// Ours, and nothing is to be heard of it yet.
    Thinking,
    /// Ours, and we speak.
    Speaking,
    /// We spoke and the caller took the turn.
    Interrupted,
    /// Somebody said goodbye: what waits is said, then we hang up.
    Closing,
}

/// An answer must begin to sound within this time.
const THINKING: Duration = Duration::from_secs(20);
/// While we speak, something must happen within this time.
const SPEAKING: Duration = Duration::from_secs(30);
/// Whoever interrupts says something within this time, or it is their turn as ever.
const INTERRUPTED: Duration = Duration::from_secs(5);
/// A farewell takes no longer.
const CLOSING: Duration = Duration::from_secs(15);

/// The state of a call and since when.
#[derive(Debug)]
pub(crate) struct Turns {
    state: TurnState,
    deadline: Option<Time>,
    /// Why we close.
    closing: Option<EndReason>,
    /// Something is to be said that is no answer yet.
    said: bool,
    /// The last answer that began, and the last that was played or is void.
    started: TurnId,
    stopped: TurnId,
    apologised: bool,
}

/// What must happen because of a frame or of time.
#[derive(Debug, PartialEq)]
pub(crate) enum Due {
    /// Hang up.
    HangUp(EndReason),
    /// Nothing was heard of an answer for too long.
    Stuck(Part),
}

impl Turns {
    pub fn new() -> Self {
        Turns {
            state: TurnState::Listening,
            deadline: None,
            closing: None,
            said: false,
            started: TurnId(0),
            stopped: TurnId(0),
            apologised: false,
        }
    }

    pub fn state(&self) -> TurnState {
        self.state
    }

    pub fn deadline(&self) -> Option<Time> {
        self.deadline
    }

    fn to(&mut self, state: TurnState, now: Time) {
        self.state = state;
        self.deadline = match state {
            TurnState::Listening => None,
            TurnState::Thinking => Some(now + THINKING),
            TurnState::Speaking => Some(now + SPEAKING),
            TurnState::Interrupted => Some(now + INTERRUPTED),
            TurnState::Closing => Some(now + CLOSING),
        };
    }

    /// Whether something of ours is still to be heard.
    fn is_answering(&self) -> bool {
        let ours = matches!(self.state, TurnState::Thinking | TurnState::Speaking);
        self.said || self.stopped < self.started || ours
    }

    /// Looks at a frame as it is sent; again at every link it passes, so that seeing it twice must
    /// change nothing.
    pub fn see(&mut self, frame: &Frame, now: Time) -> Option<Due> {
        use TurnState::*;
        match frame {
            Frame::Say(_) => self.said = true,
            Frame::AnswerStarted { turn } if *turn > self.started => {
                self.said = false;
                self.started = *turn;
            }
            Frame::BotStopped { turn } => self.stopped = self.stopped.max(*turn),
            Frame::Interrupt => {
                self.said = false;
                self.stopped = self.started;
            }
            _ => {}
        }
        match (self.state, frame) {
            (_, Frame::End(reason)) if self.closing.is_none() => {
                self.closing = Some(*reason);
                let waits = self.is_answering();
                self.to(Closing, now);
                // Nothing of ours is under way: nothing to wait for.
                return (!waits).then_some(Due::HangUp(*reason));
            }
            (Closing, Frame::BotStopped { .. }) if !self.is_answering() => {
                return self.closing.map(Due::HangUp);
            }
            // A farewell, or a message for a machine, may be long.
            (Closing, Frame::Speech { .. }) => self.to(Closing, now),
            (Closing, _) => {}
            (Listening | Interrupted, Frame::UserTurn(_)) => self.to(Thinking, now),
            (Listening | Thinking | Interrupted, Frame::BotStarted { turn })
                if *turn > self.stopped =>
            {
                self.apologised = false;
                self.to(Speaking, now);
            }
            (Speaking, Frame::Speech { .. } | Frame::Phrase(_)) => self.to(Speaking, now),
            (Thinking | Speaking, Frame::BotStopped { turn }) if *turn >= self.started => {
                self.to(Listening, now);
            }
            (Thinking | Speaking, Frame::Interrupt) => self.to(Interrupted, now),
            _ => {}
        }
        None
    }

    /// The deadline has passed.
    pub fn overdue(&mut self, now: Time) -> Option<Due> {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return None;
        }
        match self.state {
            TurnState::Listening => None,
            TurnState::Interrupted => {
                self.to(TurnState::Listening, now);
                None
            }
            TurnState::Closing => {
                self.deadline = None;
                Some(Due::HangUp(self.closing.unwrap_or(EndReason::Failed)))
            }
            TurnState::Thinking if self.apologised => Some(Due::HangUp(EndReason::Failed)),
            TurnState::Thinking => {
                self.apologised = true;
                self.to(TurnState::Thinking, now);
                Some(Due::Stuck(Part::Llm))
            }
            TurnState::Speaking => {
                self.stopped = self.started;
                self.to(TurnState::Listening, now);
                Some(Due::Stuck(Part::Tts))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::UserTurn;

    const TURN: TurnId = TurnId(1);

    fn seconds(seconds: u64) -> Time {
        Duration::from_secs(seconds)
    }

    fn user() -> Frame {
        Frame::UserTurn(UserTurn::default())
    }

    /// The state after these frames, one a second.
    fn after(frames: &[Frame]) -> (Turns, Vec<Due>) {
        let mut turns = Turns::new();
        let due = (1..)
            .zip(frames)
            .filter_map(|(second, frame)| turns.see(frame, seconds(second)));
        let due = due.collect();
        (turns, due)
    }

    #[test]
    fn a_turn_goes_round() {
        let started = Frame::BotStarted { turn: TURN };
        let stopped = Frame::BotStopped { turn: TURN };
        for (frames, state) in [
            (vec![user()], TurnState::Thinking),
            (vec![user(), started.clone()], TurnState::Speaking),
            (vec![user(), started.clone(), stopped], TurnState::Listening),
            (vec![user(), Frame::Interrupt], TurnState::Interrupted),
            (
                vec![user(), started, Frame::Interrupt, user()],
                TurnState::Thinking,
            ),
        ] {
            let (turns, due) = after(&frames);
            assert_eq!((turns.state(), due), (state, vec![]), "{frames:?}");
        }
    }

    #[test]
    fn a_farewell_is_heard_before_we_hang_up() {
        let end = Frame::End(EndReason::AgentSaidGoodbye);
        let stopped = Frame::BotStopped { turn: TURN };
        let (turns, due) = after(&[user(), Frame::BotStarted { turn: TURN }, end.clone()]);
        assert_eq!((turns.state(), due.len()), (TurnState::Closing, 0));
        let (_, due) = after(&[
            user(),
            Frame::BotStarted { turn: TURN },
            end.clone(),
            stopped,
        ]);
        assert_eq!(due, [Due::HangUp(EndReason::AgentSaidGoodbye)]);
        let (_, due) = after(&[end]);
        assert_eq!(
            due,
            [Due::HangUp(EndReason::AgentSaidGoodbye)],
            "nothing to wait for"
        );
    }

    #[test]
    fn a_long_message_is_said_to_its_end() {
        let (mut turns, _) = after(&[
            Frame::Say("Please".into()),
            Frame::End(EndReason::Voicemail),
        ]);
        let samples: std::sync::Arc<[i16]> = vec![0; 1].into();
        for second in (10..60).step_by(10) {
            assert_eq!(turns.overdue(seconds(second)), None, "{second}");
            let samples = samples.clone();
            turns.see(
                &Frame::Speech {
                    turn: TURN,
                    samples,
                },
                seconds(second),
            );
        }
        let over = Some(Due::HangUp(EndReason::Voicemail));
        assert_eq!(turns.overdue(seconds(70)), over);
    }

    #[test]
    fn what_is_asked_to_be_said_is_heard_before_we_hang_up() {
        let say = Frame::Say("Goodbye.".into());
        let end = Frame::End(EndReason::Silence);
        let (_, due) = after(&[say, end]);
        assert_eq!(due, []);
        let say = Frame::Say("Goodbye.".into());
        let end = Frame::End(EndReason::Silence);
        let started = Frame::AnswerStarted { turn: TURN };
        let stopped = Frame::BotStopped { turn: TURN };
        let before = Frame::BotStopped { turn: TurnId(0) };
        let (_, due) = after(&[say, end, started, before, stopped]);
        assert_eq!(due, [Due::HangUp(EndReason::Silence)]);
    }

    #[test]
    fn no_state_but_listening_lasts_by_itself() {
        let started = || Frame::BotStarted { turn: TURN };
        let end = || Frame::End(EndReason::HungUp);
        for frames in [
            vec![user()],
            vec![user(), started()],
            vec![user(), started(), Frame::Interrupt],
            vec![user(), started(), end()],
        ] {
            let (mut turns, _) = after(&frames);
            let mut due = Vec::new();
            for second in 0..200 {
                due.extend(turns.overdue(seconds(second)));
            }
            let over = due.iter().any(|due| matches!(due, Due::HangUp(_)));
            assert!(over || turns.state() == TurnState::Listening, "{frames:?}");
        }
    }

    #[test]
    fn thinking_for_too_long_is_said_once_and_then_ends_the_call() {
        let (mut turns, _) = after(&[user()]);
        let due: Vec<Due> = (0..60)
            .filter_map(|at| turns.overdue(seconds(at)))
            .collect();
        let stuck = Due::Stuck(Part::Llm);
        assert_eq!(due[..2], [stuck, Due::HangUp(EndReason::Failed)]);
    }

    proptest::proptest! {
        #[test]
        fn any_order_of_frames_comes_to_an_end(order in proptest::collection::vec(0..8usize, 0..60)) {
            let mut turns = Turns::new();
            for (at, kind) in order.iter().enumerate() {
                let frame = match kind {
                    0 => user(),
                    1 => Frame::BotStarted { turn: TURN },
                    2 => Frame::BotStopped { turn: TURN },
                    3 => Frame::Interrupt,
                    4 => Frame::AnswerStarted { turn: TURN },
                    5 => Frame::EndOfTurn,
                    6 => Frame::End(EndReason::HungUp),
                    _ => Frame::Speech { turn: TURN, samples: vec![0; 1].into() },
                };
                turns.see(&frame, Duration::from_millis(at as u64 * 100));
            }
            let mut ended = false;
            for second in 6..200 {
                ended |= matches!(turns.overdue(seconds(second)), Some(Due::HangUp(_)));
            }
            let listens = turns.state() == TurnState::Listening;
            proptest::prop_assert!(ended || listens || order.contains(&6));
        }
    }
}
